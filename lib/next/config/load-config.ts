/**
 * The resolved configuration: what all handlers and functions need, from options and environment. Nothing is read
 * before the first request, so that an application builds without its secrets. Of lib/next, only this folder,
 * `process` and the middleware read the environment.
 */
import 'server-only'
import { METADATA_PATH, type Paths } from '../../config/paths.ts'
import type { Scopes } from '../../config/scopes.ts'
import type { Secrets } from '../../config/secrets.ts'
import { ConfigurationError } from '../../errors.ts'
import { OAuthClient } from '../../oauth/client.ts'
import { buildClientMetadata } from '../../oauth/client-metadata/build.ts'
import { lintScope } from '../../oauth/scope/lint.ts'
import { chooseStore, warningAboutOtherStores } from '../../store/choose-store.ts'
import type { Store } from '../../store/contract.ts'
import { secretIn } from '../../store/data-directory.ts'
import { warningAboutPlace } from '../../store/sqlite-place.ts'
import { type CookieSettings, cookieSettings } from '../../web/cookie-header.ts'
import { type AuthHooks, type ConnectOptions, sessionHooks } from '../events/hooks.ts'
import { createLog, type Log } from '../events/log.ts'
import { createSecretCheck, type SecretCheck } from '../events/secret-check.ts'
import { openTelemetryTrace } from '../events/telemetry.ts'
import { createFinishedFlows, type FinishedFlows } from '../limits/finished-flows.ts'
import { createLoginLimiter, type LoginLimiter } from '../limits/login-limits.ts'
import { afterResponse } from '../process/after-response.ts'
import { findConflict, type Instance } from '../process/conflicting-instances.ts'
import { dataDirectory, dataDirectoryPath } from '../process/data-directory.ts'
import { loadDefaultDriver } from '../process/default-store.ts'
import {
  createFormerSessions,
  type FormerSessions,
  type FormerSessionsDeps,
  rememberClient,
} from '../process/development-clients.ts'
import { sharedState } from '../process/shared-state.ts'
import { warningAboutNext } from './next-version.ts'
import type { AtprotoAuthOptions } from './options.ts'
import { type ValidatedOptions, validateOptions } from './validate-options.ts'

/** The resolved configuration. */
export interface Config {
  readonly client: OAuthClient
  /** Only in development, after the scope has changed. */
  readonly formerSessions: FormerSessions | undefined
  readonly secrets: Secrets
  /** Undefined on a loopback address, which several applications may have, each with a secret of its own. */
  readonly secretCheck: SecretCheck | undefined
  /** The origin that browsers use; Next's `basePath`, if there is one, is `paths.prefix`. */
  readonly publicOrigin: string
  /** Other hosts of the same application. Their cookies do not reach the callback. */
  readonly otherHosts: ReadonlySet<string>
  readonly cookies: CookieSettings
  /** Lifetime of the session cookie, in seconds. */
  readonly sessionTtlS: number
  readonly paths: Paths
  readonly scopes: Scopes
  readonly limitLogin: LoginLimiter
  readonly finishedFlows: FinishedFlows
  /** Origins of the servers where accounts can be created. */
  readonly signUpHosts: ReadonlySet<string>
  readonly allowServerAddress: boolean
  readonly hooks: AuthHooks
  /** Undefined when the application connects no accounts. */
  readonly connect: ConnectOptions | undefined
  readonly log: Log
}

const DAY_MS = 24 * 60 * 60_000

/**
 * Creates the function that resolves the configuration. Its first call does so; all calls return the same one. Problems
 * are logged once, all together, each with its fix; the next call checks again.
 *
 * @returns a function that throws ConfigurationError, and StoreUnavailableError when the data directory cannot be
 *   created
 */
export function createConfigLoader(
  options: AtprotoAuthOptions,
  log: Log = createLog(options),
): () => Promise<Config> {
  let config: Promise<Config> | undefined
  return () => {
    config ??= resolveConfig(options, log).catch((error: unknown) => {
      config = undefined
      if (error instanceof ConfigurationError) log.errorOnce(error.message)
      throw error
    })
    return config
  }
}

async function resolveConfig(options: AtprotoAuthOptions, log: Log): Promise<Config> {
  const validated = await validateOptions(options, process.env)
  const { publicUrl, otherHosts, paths, scopes, isLoopback } = validated
  logWarnings(options, validated, log)
  if (options.store === undefined) void reportMissingDriver(log)
  const store = options.store ?? sharedState().defaultStore
  const secrets: Secrets = validated.secrets ?? [await secretIn(await dataDirectory())]
  logConflict({ publicUrl, paths, scopes, secrets }, log)
  const isLocal = isLoopback || options.localNetwork !== undefined
  const sessionLifetimeMs = options.sessionLifetimeMs ?? (isLoopback ? 14 : 180) * DAY_MS
  const client = createClient(options, validated, { store, secrets, sessionLifetimeMs, log })
  const { sessionIdleMs = 30 * DAY_MS } = options
  const stored = { store, secrets, sessionLifetimeMs, sessionIdleMs }
  return {
    client,
    formerSessions: keepsDevelopmentSessions(options, validated)
      ? await findFormerSessions({ client, publicUrl, scope: scopes.declared }, stored, log)
      : undefined,
    secrets,
    secretCheck: isLoopback
      ? undefined
      : createSecretCheck({ store, secrets, publicUrl, sessionLifetimeMs, log }),
    publicOrigin: new URL(publicUrl).origin,
    otherHosts,
    cookies: cookieSettings(publicUrl),
    // The cookie lives no longer than the session.
    sessionTtlS: Math.ceil(sessionLifetimeMs / 1000),
    paths,
    scopes,
    limitLogin: createLoginLimiter(options, { store, secrets, env: process.env, isLocal, log }),
    finishedFlows: createFinishedFlows({ store, secrets, clientId: client.clientMetadata.client_id }),
    signUpHosts: new Set((options.signUpHosts ?? []).map((host) => new URL(host).origin)),
    allowServerAddress: options.allowServerAddress ?? false,
    hooks: options,
    connect: options.connect,
    log,
  }
}

interface ClientParts {
  readonly store: Store
  readonly secrets: Secrets
  readonly sessionLifetimeMs: number
  readonly log: Log
}

function createClient(
  options: AtprotoAuthOptions,
  validated: ValidatedOptions,
  { store, secrets, sessionLifetimeMs, log }: ClientParts,
): OAuthClient {
  return new OAuthClient({
    clientMetadata: createClientMetadata(options, validated),
    keyset: validated.keyset,
    secrets,
    store,
    plcDirectory: options.plcDirectory,
    fallbackResolver: options.fallbackResolver,
    localNetwork: options.localNetwork,
    privateHosts: options.privateHosts,
    proxy: options.proxy,
    resolveTxt: options.resolveTxt,
    sessionLifetimeMs,
    sessionIdleMs: options.sessionIdleMs,
    memory: sharedState().memory,
    onWarning: (message, { recurs }) => (recurs ? log.warn(message) : log.warnOnce(message)),
    waitUntil: afterResponse,
    trace: openTelemetryTrace,
    ...sessionHooks(options, log),
  })
}

function createClientMetadata(options: AtprotoAuthOptions, { publicUrl, scopes, paths }: ValidatedOptions) {
  const absolute = (uri: string | undefined) => (uri?.startsWith('/') ? publicUrl + uri : uri)
  return buildClientMetadata({
    publicUrl,
    scope: scopes.declared,
    metadataPath: METADATA_PATH,
    jwksPath: `${paths.base}/jwks.json`,
    callbackPath: `${paths.base}/callback`,
    clientName: options.clientName,
    logoUri: absolute(options.logoUri),
    tosUri: absolute(options.tosUri),
    policyUri: absolute(options.policyUri),
  })
}

const ENVIRONMENT_PROXY =
  'NODE_USE_ENV_PROXY is set, but requests of this library do not use the proxy of HTTPS_PROXY: set the option proxy.'

const LOOPBACK_IN_PRODUCTION =
  'PUBLIC_URL is an address of this machine: no one else can sign in. Set it to the https address before you deploy.'

function logWarnings(
  { localNetwork, proxy, store }: AtprotoAuthOptions,
  { isLoopback, scopes }: ValidatedOptions,
  log: Log,
): void {
  if (isLoopback && process.env.NODE_ENV === 'production') log.warnOnce(LOOPBACK_IN_PRODUCTION)
  if (process.env.NODE_USE_ENV_PROXY === '1' && !proxy) log.warnOnce(ENVIRONMENT_PROXY)
  if (localNetwork) log.warnOnce('localNetwork is on: requests to loopback addresses are allowed.')
  const aboutStore = store === undefined ? warningsAboutStore(isLoopback) : []
  for (const warning of [warningAboutNext(), ...aboutStore, ...lintScope(scopes.declared)]) {
    if (warning !== undefined) log.warnOnce(warning)
  }
}

function warningsAboutStore(isLoopback: boolean): readonly (string | undefined)[] {
  const { env } = process
  return [warningAboutOtherStores(env), warningAboutPlace({ env, folder: dataDirectoryPath(), isLoopback })]
}

/**
 * Logs that the package of the store is not installed, before a sign-in needs it. Nothing waits for it, and pages that need
 * no store work without it.
 */
async function reportMissingDriver(log: Log): Promise<void> {
  try {
    await loadDefaultDriver()
  } catch (error) {
    // Any other error is reported by the first use of the store.
    if (error instanceof ConfigurationError) log.errorOnce(error.message)
  }
}

/** Only where the client's id contains the scope, and the sessions are in the default folder. */
function keepsDevelopmentSessions({ store }: AtprotoAuthOptions, { isLoopback }: ValidatedOptions): boolean {
  const isDevelopment = process.env.NODE_ENV === 'development' && isLoopback
  return isDevelopment && store === undefined && chooseStore(process.env).kind === 'sqlite'
}

interface DevelopmentApp {
  readonly client: OAuthClient
  readonly publicUrl: string
  readonly scope: string
}

/** Logs that the scope has changed, and finds the sessions that are lost by it. */
async function findFormerSessions(
  { client, publicUrl, scope }: DevelopmentApp,
  stored: FormerSessionsDeps,
  log: Log,
): Promise<FormerSessions | undefined> {
  const { client_id: clientId } = client.clientMetadata
  const { formerIds, hasChanged } = await rememberClient(await dataDirectory(), { publicUrl, clientId })
  if (hasChanged) {
    log.warnOnce(
      `The scope changed to "${scope}", which makes another client in development: everybody has to sign in again.`,
    )
  }
  return formerIds.length === 0 ? undefined : createFormerSessions(formerIds, stored)
}

function logConflict(instance: Instance, log: Log): void {
  // Under `next dev` an earlier instance is the same application before an edit.
  if (process.env.NODE_ENV === 'development') return
  const conflict = findConflict(instance, sharedState().instances)
  if (conflict !== undefined) log.warnOnce(conflict)
}
