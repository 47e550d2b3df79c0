/** The OAuth client: the configured whole of the walk, and the one place where production defaults are set. */
import type { Keyset } from '../crypto/keyset.ts'
import { createSealer } from '../crypto/seal.ts'
import { ConfigurationError, TokenRevokedError } from '../errors.ts'
import type { HandleResolverOption } from '../identity/handle-resolver.ts'
import { createIdentityMemory, type IdentityMemory } from '../identity/memory.ts'
import type { IdentityDeps } from '../identity/resolve.ts'
import { createResolveTxt, type ResolveTxt } from '../net/dns.ts'
import { createGuardedFetch } from '../net/guarded-fetch.ts'
import type { Store } from '../store/contract.ts'
import { type Authorization, type AuthorizeOptions, startAuthorization } from './authorize.ts'
import { finishAuthorization } from './callback.ts'
import type { ClientMetadata } from './client-metadata.ts'
import type { ClientContext } from './context.ts'
import { createSessionRecords, createStateRecords, type StoredSession } from './records.ts'
import { endSession } from './revoke.ts'
import { createServerMemory, type ServerMemory } from './server-memory.ts'
import { OAuthSession } from './session.ts'

/** A network on this machine, reached although it is on http and loopback addresses. Development and tests only. */
export interface LocalNetwork {
  /** Origin of the PLC directory. */
  readonly plcDirectory: string
  /** Origin of an XRPC server that resolves the network's handles. */
  readonly handleResolver: string
  /** Certificate authority (PEM) that the network's https servers are signed by. */
  readonly ca?: string | undefined
}

/** What several clients of one process share, so that no request is made twice. */
export interface ClientMemory {
  readonly servers: ServerMemory
  readonly refreshes: Map<string, Promise<StoredSession>>
  readonly suspects: Map<string, number>
  readonly identities: IdentityMemory
}

export interface OAuthClientOptions {
  readonly clientMetadata: ClientMetadata
  /** The client's keys; for a confidential client only. */
  readonly keyset?: Keyset | undefined
  /** Where sign-ins under way and sessions are kept, sealed. */
  readonly store: Store
  /** What the rows are sealed with, newest first; older ones still open. At least 32 characters each. */
  readonly secrets: readonly [string, ...string[]]
  /** Origin of the PLC directory; default `https://plc.directory`. */
  readonly plcDirectory?: string | undefined
  readonly localNetwork?: LocalNetwork | undefined
  /** DNS TXT look-ups; default the machine's name servers. `createDohResolveTxt` asks by https instead. */
  readonly resolveTxt?: ResolveTxt | undefined
  /** Resolves handles instead of DNS and well-known file: origin of an XRPC server, or an object. */
  readonly handleResolver?: HandleResolverOption | undefined
  /** Asked for a handle that DNS and well-known file do not know. */
  readonly fallbackResolver?: HandleResolverOption | undefined
  /** How long a session lives at most, in milliseconds; default 180 days, 14 for a public client. */
  readonly sessionLifetimeMs?: number | undefined
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Shared between clients of one process; default the client's own. */
  readonly memory?: ClientMemory | undefined
}

const DAY_MS = 24 * 60 * 60_000

/** An empty memory for one or more clients. */
export function createClientMemory(): ClientMemory {
  return {
    servers: createServerMemory(),
    refreshes: new Map(),
    suspects: new Map(),
    identities: createIdentityMemory(),
  }
}

export class OAuthClient {
  readonly clientMetadata: ClientMetadata
  readonly #context: ClientContext

  /** @throws ConfigurationError when metadata and keys do not go together */
  constructor(options: OAuthClientOptions) {
    this.clientMetadata = options.clientMetadata
    this.#context = createContext(options)
  }

  /** The client's public keys, to be served at `jwks_uri` (RFC 7517); empty for a public client. */
  get jwks(): Keyset['publicJwks'] {
    return this.#context.keyset?.publicJwks ?? { keys: [] }
  }

  /**
   * Begins a sign-in: the URL to send the browser to, and the `state` to bind to that browser, for instance in
   * a sealed cookie. `callback` must be called for no other browser.
   *
   * @param input handle, DID or the https address of a server, as the person typed it
   * @throws AtprotoAuthError `invalid_identifier`, `identity_not_found`, `server_unavailable`,
   *   `server_not_conforming`, `oauth_error`, `store_unavailable`
   */
  start(input: string, options: AuthorizeOptions = {}): Promise<Authorization> {
    return startAuthorization(input, options, this.#context)
  }

  /**
   * Finishes a sign-in with the parameters of the callback URL; `state` is what was given to `start`.
   *
   * @throws OAuthCallbackError with the code of what went wrong; no session exists then
   */
  async callback(
    params: URLSearchParams,
  ): Promise<{ readonly session: OAuthSession; readonly state: string | undefined }> {
    const { session, state } = await finishAuthorization(params, this.#context)
    return { session: new OAuthSession(session, this.#context), state }
  }

  /**
   * The session of that id, if it is the account's and active. No request is made.
   *
   * @throws TokenRevokedError when there is none (any more); StoreUnavailableError
   */
  async restore(did: string, { sessionId }: { readonly sessionId: string }): Promise<OAuthSession> {
    const stored = await this.#context.sessions.read(sessionId)
    if (stored?.row.did !== did || stored.row.status.kind !== 'active') {
      throw new TokenRevokedError(did, 'There is no such session (any more).')
    }
    return new OAuthSession(stored, this.#context)
  }

  /**
   * Ends a session of the account, in whatever state it is: its row is removed, then the server is asked to
   * revoke the tokens, for 3 s at most. Nothing happens when there is none.
   *
   * @throws StoreUnavailableError when the row could not be removed; the session is then still there
   */
  async revoke(did: string, { sessionId }: { readonly sessionId: string }): Promise<void> {
    const stored = await this.#context.sessions.read(sessionId)
    if (stored?.row.did === did) await endSession(stored, this.#context)
  }
}

function createContext(options: OAuthClientOptions): ClientContext {
  const { clientMetadata: metadata, keyset, store } = options
  const isPublic = metadata.token_endpoint_auth_method === 'none'
  if (isPublic === (keyset !== undefined)) {
    throw new ConfigurationError(
      isPublic ? 'A loopback client has no keys.' : 'A confidential client needs keys.',
    )
  }
  const now = options.now ?? Date.now
  const records = { store, clientId: metadata.client_id, now }
  const { identities, ...memory } = options.memory ?? createClientMemory()
  const lifetimeMs = options.sessionLifetimeMs ?? (isPublic ? 14 : 180) * DAY_MS
  return {
    metadata,
    keyset,
    identity: createIdentityDeps(options, identities, now),
    store,
    states: createStateRecords({ ...records, sealer: createSealer(options.secrets, 'state row') }),
    sessions: createSessionRecords({
      ...records,
      lifetimeMs,
      sealer: createSealer(options.secrets, 'session row'),
    }),
    ...memory,
    now,
  }
}

function createIdentityDeps(
  options: OAuthClientOptions,
  shared: IdentityMemory,
  now: () => number,
): IdentityDeps {
  const { localNetwork, resolveTxt, fallbackResolver } = options
  const handleResolver = options.handleResolver ?? localNetwork?.handleResolver
  // Answers of an application's own code are not for other clients.
  const isOwn = resolveTxt !== undefined || [handleResolver, fallbackResolver].some(isObject)
  return {
    fetch: createGuardedFetch({ localNetwork }),
    resolveTxt: resolveTxt ?? createResolveTxt(),
    plcDirectory: localNetwork?.plcDirectory ?? options.plcDirectory ?? 'https://plc.directory',
    handleResolver,
    fallbackResolver,
    allowLoopback: localNetwork !== undefined,
    memory: isOwn ? createIdentityMemory() : shared,
    now,
  }
}

function isObject(resolver: HandleResolverOption | undefined): boolean {
  return typeof resolver === 'object' && !(resolver instanceof URL)
}
