/**
 * Configuration: options and environment → everything the handlers and `getSession` need. Beside the command
 * line and the edge guard, this room alone reads the environment; nothing is read or demanded before the first
 * request, so that an application builds without a secret.
 */
import 'server-only'
import type { Paths } from '../../config/paths.ts'
import { METADATA_PATH } from '../../config/paths.ts'
import type { Scopes } from '../../config/scopes.ts'
import type { Secrets } from '../../config/secrets.ts'
import { ConfigurationError } from '../../errors.ts'
import { OAuthClient } from '../../oauth/client.ts'
import { buildClientMetadata } from '../../oauth/client-metadata/build.ts'
import { lintScope } from '../../oauth/scope/lint.ts'
import { secretIn } from '../../store/data-directory.ts'
import { type CookieScope, cookieScope } from '../../web/session-cookie.ts'
import { type AuthHooks, sessionHooks } from '../events/hooks.ts'
import { createLog, type Log } from '../events/log.ts'
import { openTelemetryTrace } from '../events/telemetry.ts'
import { createLoginLimiter, type LoginLimiter } from '../limits/login-limits.ts'
import { afterResponse } from '../process/after-response.ts'
import { complainAboutNeighbour } from '../process/conflicting-instances.ts'
import { dataDirectory } from '../process/data-directory.ts'
import { processState } from '../process/shared-state.ts'
import { type CheckedOptions, checkOptions } from './validate-options.ts'
import { complainAboutNext } from './next-version.ts'
import type { AtprotoAuthOptions } from './options.ts'

/** The resolved configuration. */
export interface Runtime {
  readonly client: OAuthClient
  readonly secrets: Secrets
  /** The origin alone: what browsers send as `Origin`. What stands behind it is `paths.prefix`. */
  readonly publicUrl: string
  /** Hosts that lead to the same application, but whose cookies the callback would not get. */
  readonly otherHosts: ReadonlySet<string>
  readonly cookies: CookieScope
  readonly sessionTtlS: number
  readonly paths: Paths
  readonly scopes: Scopes
  readonly limitLogin: LoginLimiter
  /** Origins of the servers at which accounts may be created. */
  readonly signUpHosts: ReadonlySet<string>
  readonly allowServerAddress: boolean
  readonly hooks: AuthHooks
  readonly log: Log
}

const DAY_MS = 24 * 60 * 60_000
/**
 * The configuration, resolved at the first call; what is wrong with it is logged once, all of it, each with the fix.
 *
 * @throws ConfigurationError; StoreUnavailableError when the data directory cannot be made
 */
export function createRuntime(
  options: AtprotoAuthOptions,
  log: Log = createLog(options),
): () => Promise<Runtime> {
  let resolved: Promise<Runtime> | undefined
  return () => {
    resolved ??= resolve(options, log).catch((error: unknown) => {
      resolved = undefined
      if (error instanceof ConfigurationError) log.errorOnce(error.message)
      throw error
    })
    return resolved
  }
}

async function resolve(options: AtprotoAuthOptions, log: Log): Promise<Runtime> {
  const checked = await checkOptions(options, process.env)
  const { publicUrl, otherHosts, paths, scopes, isLoopback } = checked
  if (options.localNetwork) log.warnOnce('localNetwork is on: requests to loopback addresses are allowed.')
  for (const warning of [complainAboutNext(), ...lintScope(scopes.declared)]) {
    if (warning !== undefined) log.warnOnce(warning)
  }

  const store = options.store ?? processState().defaultStore
  const secrets: Secrets = checked.secrets ?? [await secretIn(await dataDirectory())]
  // Under `next dev` the one before is the same application before it was edited.
  if (process.env.NODE_ENV !== 'development') {
    const warning = complainAboutNeighbour({ ...checked, secrets }, processState().neighbours)
    if (warning !== undefined) log.warnOnce(warning)
  }
  const isLocal = isLoopback || options.localNetwork !== undefined
  const limitLogin = createLoginLimiter(options, { store, secrets, env: process.env, isLocal, log })
  const sessionLifetimeMs = options.sessionLifetimeMs ?? (isLoopback ? 14 : 180) * DAY_MS
  // The cookie of a session that has ended is of no use.
  const sessionTtlS = Math.ceil(sessionLifetimeMs / 1000)
  const client = new OAuthClient({
    clientMetadata: describeClient(options, checked),
    keyset: checked.keyset,
    secrets,
    store,
    plcDirectory: options.plcDirectory,
    localNetwork: options.localNetwork,
    sessionLifetimeMs,
    sessionIdleMs: options.sessionIdleMs,
    memory: processState().memory,
    onWarning: log.warnOnce,
    waitUntil: afterResponse,
    trace: openTelemetryTrace,
    ...sessionHooks(options),
  })
  return {
    ...{ client, secrets, sessionTtlS, paths, scopes, limitLogin, otherHosts, log },
    publicUrl: new URL(publicUrl).origin,
    cookies: cookieScope(publicUrl),
    signUpHosts: new Set((options.signUpHosts ?? []).map((host) => new URL(host).origin)),
    allowServerAddress: options.allowServerAddress ?? false,
    hooks: options,
  }
}

function describeClient(options: AtprotoAuthOptions, { publicUrl, scopes, paths }: CheckedOptions) {
  const { base } = paths
  const absolute = (uri: string | undefined) => (uri?.startsWith('/') ? publicUrl + uri : uri)
  return buildClientMetadata({
    publicUrl,
    scope: scopes.declared,
    metadataPath: METADATA_PATH,
    jwksPath: `${base}/jwks.json`,
    callbackPath: `${base}/callback`,
    clientName: options.clientName,
    logoUri: absolute(options.logoUri),
    tosUri: absolute(options.tosUri),
    policyUri: absolute(options.policyUri),
  })
}
