/** Options → the context that the steps of sign-in and calls use: the one place where production defaults are set. */
import { createBlindIndex } from '../crypto/blind-index.ts'
import { parseClientJwk } from '../crypto/jwk.ts'
import { createKeyset, generatePrivateJwk, type Keyset, type PrivateJwk } from '../crypto/keyset.ts'
import { createSealer } from '../crypto/seal.ts'
import { ConfigurationError, type UnopenedCause } from '../errors.ts'
import type { ProfileDeps } from '../identity/account-profile.ts'
import type { SharedCache } from '../identity/cache.ts'
import type { HandleResolverOption } from '../identity/configured-resolver.ts'
import { createIdentityCaches, type IdentityCaches } from '../identity/identity-caches.ts'
import { createResolveTxt } from '../net/dns.ts'
import { createGuardedFetch } from '../net/guarded-fetch.ts'
import { parseHttpProxy } from '../net/http-proxy.ts'
import { createPlatformFetch } from '../net/platform-fetch.ts'
import { parsePrivateHosts } from '../net/private-hosts.ts'
import { escapeControls, redact } from '../untrusted-text.ts'
import { createClientMemory } from './client-memory.ts'
import { isLoopbackClientId } from './client-metadata/loopback.ts'
import { parseClientMetadata } from './client-metadata/parse.ts'
import type { OAuthClientOptions } from './client-options.ts'
import type { ClientContext } from './context.ts'
import { createCustomSessionRecords, createCustomStateRecords } from './records/custom-store-records.ts'
import { readOfficialSession } from './records/official-client-session.ts'
import type { OpenedRows } from './records/opened-rows.ts'
import type { SessionRecords, StateRecords } from './records/records-contract.ts'
import { createSessionRecords, createStateRecords } from './records/sealed-records.ts'
import { createSessionEvents } from './records/session-events.ts'
import { createSharedCache } from './server/shared-cache.ts'
import { shareNonces } from './server/shared-nonces.ts'
import { createCustomLock, createLeaseLock, nestLocks, type RefreshLock } from './tokens/refresh-lock.ts'
import { noTrace } from './trace.ts'

const DAY_MS = 24 * 60 * 60_000
const MAX_WARNINGS = 1_000

/** @throws ConfigurationError when metadata, keys and stores do not go together */
export function createContext(options: OAuthClientOptions): ClientContext {
  const keyset = readKeyset(options.keyset)
  const allowLoopback = allowsLoopback(options)
  const metadata = parseClientMetadata(options.clientMetadata, { keyset, allowLoopback })
  const isPublic = metadata.token_endpoint_auth_method === 'none'
  const now = options.now ?? Date.now
  const { servers, tokens, identities, openedRows, unopenedSessions } = options.memory ?? createClientMemory()
  const sharedCache = sharedCacheOf(options, metadata.client_id)
  const write = options.onWarning ?? writeWarning
  const warn = createWarn(write)
  const identity = { ...createIdentityDeps(options, identities, { now, warn }), sharedCache, warn }
  const lifetimeMs = options.sessionLifetimeMs ?? (isPublic ? 14 : 180) * DAY_MS
  const idleMs = options.sessionIdleMs ?? 30 * DAY_MS
  const { createKey } = options.runtimeImplementation ?? {}
  const onUnopened = (cause: UnopenedCause) => {
    // The id of a loopback client has its scope: in development, another scope is another client.
    if (cause === 'other' && isLoopbackClientId(metadata.client_id)) return
    const line = unopenedSessions.lineFor(cause)
    if (line !== undefined) write(line, { recurs: true })
  }
  return {
    metadata,
    keyset,
    identity,
    ...createRecords(options, {
      metadata,
      keyset,
      identity,
      openedRows,
      onUnopened,
      lifetimeMs,
      idleMs,
      now,
    }),
    tokenMemory: tokens,
    servers: sharedCache ? shareNonces(servers, sharedCache, now) : servers,
    // A thirtieth of the idle lifetime: a day of the usual month.
    recordUseMs: Math.min(DAY_MS, idleMs / 30),
    events: createSessionEvents(options, warn),
    warn,
    trace: options.trace ?? noTrace,
    responseMode: options.responseMode,
    waitUntil: options.waitUntil ?? (() => {}),
    createDpopJwk: createKey ? () => makeDpopJwk(createKey, keyset) : generatePrivateJwk,
    now,
  }
}

function allowsLoopback({ localNetwork, allowHttp }: OAuthClientOptions): boolean {
  return localNetwork !== undefined || allowHttp === true
}

function readKeyset(keyset: OAuthClientOptions['keyset']): Keyset | undefined {
  return keyset !== undefined && Symbol.iterator in keyset ? createKeyset(keyset) : keyset
}

/** None on an application's own stores: they hold sign-ins and sessions, nothing else. */
function sharedCacheOf({ store, secrets }: OAuthClientOptions, clientId: string): SharedCache | undefined {
  if (!store) return undefined
  const sealer = createSealer(secrets, 'server row')
  return createSharedCache({ store, sealer, blindIndex: createBlindIndex(secrets, 'server index'), clientId })
}

type CreateKey = NonNullable<NonNullable<OAuthClientOptions['runtimeImplementation']>['createKey']>

async function makeDpopJwk(createKey: CreateKey, keyset: Keyset | undefined): Promise<PrivateJwk> {
  const { jwk } = parseClientJwk(await createKey(['ES256']), 'The key that createKey made')
  // A row that leaks would hand out the client's key with it; and servers refuse such a proof.
  const isOfClient = keyset?.publicJwks.keys.some(({ x, y }) => x === jwk.x && y === jwk.y)
  if (isOfClient) throw new ConfigurationError('createKey returned a client key; it must make new ones.')
  return jwk
}

type RecordsDeps = Pick<ClientContext, 'metadata' | 'keyset' | 'identity' | 'now'> & {
  readonly openedRows: OpenedRows
  readonly onUnopened: (cause: UnopenedCause) => void
  readonly lifetimeMs: number
  readonly idleMs: number
}

interface Records {
  readonly states: StateRecords
  readonly sessions: SessionRecords
  readonly refreshLock: RefreshLock
}

function createRecords(options: OAuthClientOptions, deps: RecordsDeps): Records {
  const { metadata, openedRows, onUnopened, lifetimeMs, idleMs, now } = deps
  const requestLock = options.requestLock ?? options.runtimeImplementation?.requestLock
  if (options.store) {
    const { store, secrets } = options
    const shared = { store, clientId: metadata.client_id, now }
    const sessions = createSessionRecords({
      ...shared,
      openedRows,
      onUnopened,
      lifetimeMs,
      idleMs,
      sealer: createSealer(secrets, 'session row'),
      blindIndex: createBlindIndex(secrets, 'account index'),
    })
    const lease = createLeaseLock({ store, sessions })
    return {
      states: createStateRecords({ ...shared, sealer: createSealer(secrets, 'state row') }),
      sessions,
      refreshLock: requestLock ? nestLocks(createCustomLock(requestLock), lease) : lease,
    }
  }
  const { stateStore, sessionStore } = options
  if (!stateStore || !sessionStore) {
    throw new ConfigurationError('A client needs store and secrets, or stateStore and sessionStore.')
  }
  return {
    states: createCustomStateRecords({ store: stateStore, now }),
    sessions: createCustomSessionRecords({
      store: sessionStore,
      lifetimeMs,
      idleMs,
      now,
      readOfficial: (value) => readOfficialSession(value, deps),
    }),
    refreshLock: createCustomLock(requestLock),
  }
}

/** @throws ConfigurationError when two options say how requests are sent */
export function checkTransport({ fetch, proxy }: Pick<OAuthClientOptions, 'fetch' | 'proxy'>): void {
  if (fetch && proxy) {
    throw new ConfigurationError(
      'Give fetch or proxy, not both: with fetch, that function decides how requests leave.',
    )
  }
}

function createIdentityDeps(
  options: OAuthClientOptions,
  shared: IdentityCaches,
  { now, warn }: Pick<ClientContext, 'now' | 'warn'>,
): ProfileDeps {
  const { localNetwork, resolveTxt, fallbackResolver, fetch } = options
  checkTransport(options)
  const allowLoopback = allowsLoopback(options)
  const privateHosts = parsePrivateHosts(options.privateHosts, { allowLoopback })
  const proxy = options.proxy ? parseHttpProxy(options.proxy).origin : undefined
  const handleResolver = options.handleResolver ?? localNetwork?.handleResolver
  // Answers of the application's own code are not shared with other clients.
  const isOwn = fetch || resolveTxt || [handleResolver, fallbackResolver].some(isObject)
  return {
    fetch: fetch
      ? createPlatformFetch(fetch, { allowLoopback, privateHosts, warn })
      : createGuardedFetch({
          localNetwork: localNetwork ?? (allowLoopback ? {} : undefined),
          privateHosts,
          proxy: options.proxy,
          warn,
        }),
    resolveTxt: resolveTxt ?? createResolveTxt(),
    plcDirectory: localNetwork?.plcDirectory ?? options.plcDirectory ?? 'https://plc.directory',
    handleResolver,
    fallbackResolver,
    allowLoopback,
    privateHosts,
    proxy,
    caches: isOwn ? createIdentityCaches() : shared,
    now,
  }
}

function isObject(resolver: HandleResolverOption | undefined): boolean {
  return typeof resolver === 'object' && !(resolver instanceof URL)
}

/** Writes each message once, in one line: what a server leaves out, it leaves out at every sign-in. */
function createWarn(write: NonNullable<OAuthClientOptions['onWarning']>): (message: string) => void {
  const written = new Set<string>()
  return (text) => {
    const message = escapeControls(redact(text))
    if (written.has(message) || written.size >= MAX_WARNINGS) return
    written.add(message)
    write(message, { recurs: false })
  }
}

function writeWarning(message: string): void {
  // biome-ignore lint/suspicious/noConsole: a library without a logger of its own; `onWarning` takes its place.
  console.warn(`[next-atproto-auth] ${message}`)
}
