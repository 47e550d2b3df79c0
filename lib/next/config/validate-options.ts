/** Checks options and environment together, and reports all problems at once. */
import 'server-only'
import { readKeys } from '../../config/client-keys.ts'
import { createProblems } from '../../config/collect-problems.ts'
import { bundledBasePath as basePath } from '../../config/next-base-path.ts'
import { problemOfNode } from '../../config/node-version.ts'
import { type Paths, readPaths } from '../../config/paths.ts'
import { checkReach, readHostUrl, readOtherHosts, readPublicUrl } from '../../config/public-url.ts'
import { readScopes, type Scopes } from '../../config/scopes.ts'
import { readSecrets, type Secrets } from '../../config/secrets.ts'
import { checkPlcDirectory, checkSignUpHosts } from '../../config/server-origin.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { parseHttpProxy } from '../../net/http-proxy.ts'
import { parsePrivateHosts } from '../../net/private-hosts.ts'
import { isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import type { Environment } from '../../store/choose-store.ts'
import { checkStoreChoice } from '../../store/sqlite-place.ts'
import { dataDirectoryPath } from '../process/data-directory.ts'
import type { AtprotoAuthOptions } from './options.ts'
import { findOptionProblems } from './options-schema.ts'

export interface ValidatedOptions {
  /** With Next's `basePath`. */
  readonly publicUrl: string
  readonly isLoopback: boolean
  /** As in `Config`. */
  readonly otherHosts: ReadonlySet<string>
  readonly paths: Paths
  readonly scopes: Scopes
  /** Undefined on a loopback address without a secret: one is then generated. */
  readonly secrets: Secrets | undefined
  /** Undefined on a loopback address, where the client has no keys. */
  readonly keyset: Keyset | undefined
}

/** @throws ConfigurationError with all problems */
export async function validateOptions(
  options: AtprotoAuthOptions,
  env: Environment,
): Promise<ValidatedOptions> {
  const problems = createProblems()
  const nodeProblem = problemOfNode()
  if (nodeProblem !== undefined) problems.add([nodeProblem])
  const { messages, areValid } = findOptionProblems(options)
  problems.add(messages)
  /** Skips a check of options that have a problem already. */
  const check = <T>(names: readonly (keyof AtprotoAuthOptions)[], read: () => T) =>
    areValid(...names) ? problems.collect(read) : undefined

  const { localNetwork, plcDirectory } = options
  const allowLoopback = localNetwork !== undefined
  const developmentPort = env.NODE_ENV === 'development' ? env.PORT || '3000' : undefined
  const configuredUrl = options.publicUrl ?? (env.PUBLIC_URL || readHostUrl(env, basePath))
  const publicUrl = check(['publicUrl'], () => readPublicUrl(configuredUrl, { developmentPort, basePath }))
  if (publicUrl !== undefined) check(['localNetwork'], () => checkReach(publicUrl, localNetwork))
  const privateHosts = check(['privateHosts'], () =>
    parsePrivateHosts(options.privateHosts, { allowLoopback }),
  )
  check(['proxy'], () => options.proxy && parseHttpProxy(options.proxy))
  check(['plcDirectory'], () => checkPlcDirectory(plcDirectory, { allowLoopback, privateHosts }))
  check(['signUpHosts', 'privateHosts'], () =>
    checkSignUpHosts(options.signUpHosts, { allowLoopback, privateHosts }),
  )
  const isLoopback = publicUrl !== undefined && isLoopbackUrl(publicUrl)
  const scopes = check(['scope', 'signInScope'], () => readScopes(options))
  // The store opens at its first use, but a wrong choice is reported now.
  if (!options.store)
    problems.collect(() => checkStoreChoice({ env, folder: dataDirectoryPath(), isLoopback }))
  const secret = options.secret ?? env.ATPROTO_SECRET
  const secrets = check(['secret'], () => readSecrets(secret, { isLoopback }))
  const clientKeys = options.clientKeys ?? env.ATPROTO_CLIENT_KEYS
  const keyset = isLoopback ? undefined : await problems.collectAsync(() => readKeys(clientKeys))
  problems.throwIfAny()
  if (publicUrl === undefined || !scopes) throw new ConfigurationError('The configuration is incomplete.')
  const paths = readPaths(options, publicUrl)
  const otherHosts = readOtherHosts(env, publicUrl)
  return { publicUrl, isLoopback, otherHosts, paths, scopes, secrets, keyset }
}
