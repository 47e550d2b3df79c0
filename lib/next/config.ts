/**
 * Configuration: options and environment → everything the handlers and `getSession` need. Beside the command
 * line and the edge guard, this room alone reads the environment; nothing is read or demanded before the first
 * request, so that an application builds without a secret.
 */
import 'server-only'
import { ConfigurationError } from '../errors.ts'
import { OAuthClient } from '../oauth/client.ts'
import { buildClientMetadata, isLoopbackUrl } from '../oauth/client-metadata.ts'
import type { LocalNetwork } from '../oauth/client-options.ts'
import { lintScope } from '../oauth/scope-lint.ts'
import type { Store } from '../store/contract.ts'
import { secretIn } from '../store/data-directory.ts'
import { chooseStore } from '../store/store-choice.ts'
import { afterResponse } from './after-response.ts'
import { checkReach, type Paths, readKeys, readPaths, readPublicUrl, readSecrets } from './config-checks.ts'
import { type CookieScope, cookieScope, type Secrets } from './cookie.ts'
import { dataDirectory } from './data-directory.ts'
import { logOnce } from './log.ts'
import { processState } from './process-state.ts'

export interface AtprotoAuthOptions {
  /** Name of the application on consent screens. */
  readonly clientName?: string
  /** Every scope the application will ever ask for, space-separated; default `atproto`: sign-in alone. */
  readonly scope?: string
  /**
   * Origin under which browsers reach the application; default PUBLIC_URL, under `next dev`
   * `http://127.0.0.1:PORT`. A loopback origin makes a public client for development, any other https origin a
   * confidential client.
   */
  readonly publicUrl?: string
  /** At least 32 random characters, or a list of such, newest first; default ATPROTO_SECRET. */
  readonly secret?: string | Secrets
  /** Private ES256 keys: JWK, list, JWKS, the JSON text of these, or PEM; default ATPROTO_CLIENT_KEYS. */
  readonly clientKeys?: unknown
  /**
   * Where sessions are kept; default by the environment: KV_REST_API_URL (or UPSTASH_REDIS_REST_URL) with its token,
   * then REDIS_URL, else a SQLite file in ATPROTO_DATA_DIR or `.atproto-auth`.
   */
  readonly store?: Store
  /** Path under which `auth.handlers` is mounted; default `/oauth`. */
  readonly basePath?: string
  /** Path of the sign-in page; default the handlers' own plain one, `/oauth/login`. */
  readonly signInPage?: string
  /** Where people go after signing in when nothing else was asked for; default `/`. */
  readonly afterSignIn?: string
  /** Where people go after signing out when nothing else was asked for; default `/`. */
  readonly afterSignOut?: string
  /** Logo on consent screens: an https URL, or a path of this application. */
  readonly logoUri?: string
  /** Terms of service, as `logoUri`. */
  readonly tosUri?: string
  /** Privacy policy, as `logoUri`. */
  readonly policyUri?: string
  /** Origin of the PLC directory; default `https://plc.directory`. */
  readonly plcDirectory?: string
  /**
   * A network on this machine, reached over http and loopback addresses: for development and tests. Refused
   * when `publicUrl` is a public name.
   */
  readonly localNetwork?: LocalNetwork | undefined
}

/** The resolved configuration. */
export interface Runtime {
  readonly client: OAuthClient
  readonly secrets: Secrets
  readonly publicUrl: string
  readonly cookies: CookieScope
  readonly sessionTtlS: number
  readonly paths: Paths
}

const DAY_S = 24 * 60 * 60
/** Its URL is the client_id, so it never changes; consent screens show the bare domain for this very path. */
const METADATA_PATH = '/oauth-client-metadata.json'

/**
 * The configuration, resolved at the first call; a complaint is logged once, with the fix.
 *
 * @throws ConfigurationError; StoreUnavailableError when the data directory cannot be made
 */
export function createRuntime(options: AtprotoAuthOptions): () => Promise<Runtime> {
  let resolved: Promise<Runtime> | undefined
  return () => {
    resolved ??= resolve(options).catch((error: unknown) => {
      resolved = undefined
      if (error instanceof ConfigurationError) logOnce('error', error.message)
      throw error
    })
    return resolved
  }
}

async function resolve(options: AtprotoAuthOptions): Promise<Runtime> {
  const { env } = process
  const port = env.NODE_ENV === 'development' ? env.PORT || '3000' : undefined
  const publicUrl = readPublicUrl(options.publicUrl ?? env.PUBLIC_URL, port)
  checkReach(options.localNetwork, publicUrl)
  if (options.localNetwork) logOnce('warn', 'localNetwork is on: requests to loopback addresses are allowed.')
  const paths = readPaths(options)
  for (const warning of lintScope(options.scope ?? 'atproto')) logOnce('warn', warning)

  // Opened at the first use; what is wrong with the choice is known, and said, now.
  if (!options.store) chooseStore(env)

  const isLoopback = isLoopbackUrl(publicUrl)
  const given = readSecrets(options.secret ?? env.ATPROTO_SECRET, isLoopback)
  const secrets: Secrets = given ?? [await secretIn(await dataDirectory())]
  const sessionTtlS = (isLoopback ? 14 : 180) * DAY_S
  const client = new OAuthClient({
    clientMetadata: describeClient(options, publicUrl, paths.base),
    keyset: isLoopback ? undefined : await readKeys(options.clientKeys ?? env.ATPROTO_CLIENT_KEYS),
    secrets,
    store: options.store ?? processState().defaultStore,
    plcDirectory: options.plcDirectory,
    localNetwork: options.localNetwork,
    sessionLifetimeMs: sessionTtlS * 1000,
    memory: processState().memory,
    onWarning: (message) => logOnce('warn', message),
    waitUntil: afterResponse,
  })
  return { client, secrets, publicUrl, cookies: cookieScope(publicUrl), sessionTtlS, paths }
}

function describeClient(options: AtprotoAuthOptions, publicUrl: string, base: string) {
  const absolute = (uri: string | undefined) => uri && new URL(uri, publicUrl).href
  return buildClientMetadata({
    publicUrl,
    scope: options.scope ?? 'atproto',
    metadataPath: METADATA_PATH,
    jwksPath: `${base}/jwks.json`,
    callbackPath: `${base}/callback`,
    clientName: options.clientName,
    logoUri: absolute(options.logoUri),
    tosUri: absolute(options.tosUri),
    policyUri: absolute(options.policyUri),
  })
}
