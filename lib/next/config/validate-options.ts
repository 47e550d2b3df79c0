/** Options and environment, judged together: all that is wrong is said at once. */
import 'server-only'
import { bundledBasePath as basePath } from '../../config/next-base-path.ts'
import { readKeys } from '../../config/client-keys.ts'
import { type Paths, readPaths } from '../../config/paths.ts'
import { createComplaints } from '../../config/problems.ts'
import { checkReach, readHostUrl, readOtherHosts, readPublicUrl } from '../../config/public-url.ts'
import { readScopes, type Scopes } from '../../config/scopes.ts'
import type { Secrets } from '../../config/secrets.ts'
import { readSecrets } from '../../config/secrets.ts'
import { checkPlcDirectory } from '../../config/server-origin.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import { chooseStore, type Environment } from '../../store/store-choice.ts'
import { type AtprotoAuthOptions, complaintsAbout } from './options.ts'

export interface CheckedOptions {
  readonly publicUrl: string
  readonly isLoopback: boolean
  /** Other hosts of the same deployment, as in `Runtime`. */
  readonly otherHosts: ReadonlySet<string>
  readonly paths: Paths
  readonly scopes: Scopes
  /** Undefined where one may be generated. */
  readonly secrets: Secrets | undefined
  readonly keyset: Keyset | undefined
}

/** @throws ConfigurationError with everything that is wrong */
export async function checkOptions(options: AtprotoAuthOptions, env: Environment): Promise<CheckedOptions> {
  const complaints = createComplaints()
  const { messages, areFine } = complaintsAbout(options)
  complaints.add(messages)
  /** What is wrong by itself is not asked for more. */
  const check = <T>(names: readonly (keyof AtprotoAuthOptions)[], work: () => T) =>
    areFine(...names) ? complaints.check(work) : undefined

  const { localNetwork, plcDirectory } = options
  const port = env.NODE_ENV === 'development' ? env.PORT || '3000' : undefined
  const given = options.publicUrl ?? (env.PUBLIC_URL || readHostUrl(env, basePath))
  const publicUrl = check(['publicUrl'], () => readPublicUrl(given, { developmentPort: port, basePath }))
  if (publicUrl !== undefined) check(['localNetwork'], () => checkReach(localNetwork, publicUrl))
  check(['plcDirectory'], () => checkPlcDirectory(plcDirectory, localNetwork !== undefined))
  const isLoopback = publicUrl !== undefined && isLoopbackUrl(publicUrl)
  const scopes = check(['scope', 'signInScope'], () => readScopes(options))
  // Opened at the first use; what is wrong with the choice is known, and said, now.
  if (!options.store) complaints.check(() => chooseStore(env))
  const secrets = check(['secret'], () => readSecrets(options.secret ?? env.ATPROTO_SECRET, isLoopback))
  const keyset = isLoopback
    ? undefined
    : await complaints.wait(() => readKeys(options.clientKeys ?? env.ATPROTO_CLIENT_KEYS))
  complaints.throwIfAny()
  if (publicUrl === undefined || !scopes) throw new ConfigurationError('The configuration is incomplete.')
  const paths = readPaths(options, publicUrl)
  const otherHosts = readOtherHosts(env, publicUrl)
  return { publicUrl, isLoopback, otherHosts, paths, scopes, secrets, keyset }
}
