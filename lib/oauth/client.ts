/** The OAuth client: all steps behind one object, with the verbs and words of the official client. */
import type { Keyset } from '../crypto/keyset.ts'
import { readProfile } from '../identity/account-profile.ts'
import type { PublicProfile } from '../identity/profile-cache.ts'
import { type Identity, resolveIdentity } from '../identity/resolve-account.ts'
import { type Did, isDid } from '../identity/syntax.ts'
import { createGuardedFetch } from '../net/guarded-fetch.ts'
import { createPlatformFetch } from '../net/platform-fetch.ts'
import { parsePrivateHosts } from '../net/private-hosts.ts'
import type { ClientMetadata } from './client-metadata/build.ts'
import { fetchClientMetadata } from './client-metadata/fetch.ts'
import type { LocalNetwork, OAuthClientOptions } from './client-options.ts'
import type { ClientContext } from './context.ts'
import { checkTransport, createContext } from './create-context.ts'
import { type Session, toSession } from './records/custom-store-format.ts'
import { findSession } from './records/find-session.ts'
import type { StoredSession } from './records/records-contract.ts'
import type { SessionEventListener, SessionEventMap } from './records/session-events.ts'
import {
  findSessions,
  listDevices,
  type SessionFilter,
  type SessionSummary,
  summarize,
} from './records/session-summary.ts'
import { importSession } from './session/import-session.ts'
import { OAuthSession } from './session/session.ts'
import { type Authorization, startAuthorization } from './sign-in/authorize.ts'
import type { AuthorizeOptions } from './sign-in/authorize-options.ts'
import { type CallbackOptions, finishAuthorization } from './sign-in/callback.ts'
import { recordUse } from './tokens/last-used.ts'
import { settleSession } from './tokens/refresh.ts'
import { endSessions } from './tokens/revoke.ts'
import { createSessionTokens } from './tokens/session-tokens.ts'

/** Which of an account's sessions. Without a choice, it is the one whose tokens were issued last, except connections. */
export interface SessionChoice {
  readonly sessionId: string
}

export interface FetchMetadataOptions {
  /** The https URL of the document. */
  readonly clientId: string
  /** As the client's option of that name. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** As the client's option of that name. */
  readonly localNetwork?: LocalNetwork | undefined
  /** As the client's option of that name. */
  readonly privateHosts?: readonly string[] | undefined
  /** As the client's option of that name. */
  readonly proxy?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Options of `resolveIdentity`. */
export interface ResolveIdentityOptions {
  /** Ends the wait. The look-up itself may go on for other callers. */
  readonly signal?: AbortSignal | undefined
}

export class OAuthClient {
  /** The document to be served at its `client_id`. */
  readonly clientMetadata: ClientMetadata
  readonly #context: ClientContext

  /** @throws ConfigurationError when metadata, keys and stores do not go together */
  constructor(options: OAuthClientOptions) {
    this.#context = createContext(options)
    this.clientMetadata = this.#context.metadata
  }

  /**
   * The client metadata that is published at a client id, checked.
   *
   * @throws AtprotoAuthError `network_error`, `timeout`, `blocked_address`, `invalid_response`; ConfigurationError
   *   when no one could sign in with the document
   */
  static fetchMetadata(options: FetchMetadataOptions): Promise<ClientMetadata> {
    const { clientId, fetch, localNetwork, proxy, signal } = options
    checkTransport(options)
    const allowLoopback = localNetwork !== undefined
    const privateHosts = parsePrivateHosts(options.privateHosts, { allowLoopback })
    const guarded = fetch
      ? createPlatformFetch(fetch, { allowLoopback, privateHosts })
      : createGuardedFetch({ localNetwork, privateHosts, proxy })
    return fetchClientMetadata({ clientId, signal, allowLoopback }, guarded)
  }

  /** A client whose metadata is fetched from its id, as native applications do it; otherwise as the constructor. */
  static async fromClientId(
    options: FetchMetadataOptions & DistributiveOmit<OAuthClientOptions, 'clientMetadata'>,
  ): Promise<OAuthClient> {
    const { clientId, signal, ...rest } = options
    const { fetch, localNetwork, privateHosts, proxy } = rest
    const network = { fetch, localNetwork, privateHosts, proxy }
    const clientMetadata = await OAuthClient.fetchMetadata({ clientId, signal, ...network })
    return new OAuthClient({ ...rest, clientMetadata })
  }

  /** The client's public keys, to be served at `jwks_uri` (RFC 7517); empty for a public client. */
  get jwks(): Keyset['publicJwks'] {
    return this.#context.keyset?.publicJwks ?? { keys: [] }
  }

  /**
   * Begins a sign-in; the URL to send the user to. It does not make sure that the same browser comes back: a web
   * application uses `start` and binds its `state` to the browser.
   *
   * @param input handle, DID or the https address of a server, as the user typed it
   * @throws AtprotoAuthError `invalid_identifier`, `identity_not_found`, `server_unavailable`,
   *   `server_not_conforming`, `oauth_error`, `store_unavailable`; TypeError for a malformed option
   */
  async authorize(input: string, options: AuthorizeOptions = {}): Promise<URL> {
    return (await startAuthorization(input, options, this.#context)).url
  }

  /**
   * As `authorize`, with the `state` parameter to bind to the browser, for instance in a sealed cookie. `callback` must
   * not be called for another browser then.
   */
  start(input: string, options: AuthorizeOptions = {}): Promise<Authorization> {
    return startAuthorization(input, options, this.#context)
  }

  /**
   * Finishes a sign-in with the parameters of the callback URL. The `state` of the result is what the application gave
   * to `authorize`, or null.
   *
   * @throws OAuthCallbackError with the code of what went wrong, the parameters and the `state`; there is no session then
   */
  async callback(
    params: URLSearchParams,
    options: CallbackOptions = {},
  ): Promise<{ readonly session: OAuthSession; readonly state: string | null }> {
    const { session, state } = await finishAuthorization(params, options, this.#context)
    const tokens = createSessionTokens(session, this.#context)
    return { session: new OAuthSession(tokens, this.#context), state }
  }

  /**
   * An account's session; a connection only by its `sessionId`. With `refresh` false no request is made.
   *
   * @param sub the account's DID
   * @param refresh `auto`: refreshes tokens that end soon; true: refreshes them now; false: leaves them, even ended ones
   * @throws TokenRevokedError when the session has ended, with its `reason`, or the store has no such session, without;
   *   ConfigurationError when the session with that id is stored, but its secret is not configured or it is of another
   *   client_id (`unopenedSession`), or its client key is missing: it is kept, so put that back; TokenRefreshError when its
   *   tokens could not be refreshed now; OAuthResolverError when the session was stored by the official client in your own
   *   `sessionStore` and its server's metadata could not be fetched; StoreUnavailableError; TypeError when `sub` is not a
   *   DID, or there is a choice without a `sessionId`
   */
  async restore(
    sub: string,
    refresh: boolean | 'auto' = 'auto',
    choice?: SessionChoice,
  ): Promise<OAuthSession> {
    const stored = await this.#find(sub, choice)
    recordUse(stored, this.#context)
    const tokens = createSessionTokens(stored, this.#context)
    if (refresh === true) await tokens.refresh()
    else if (refresh === 'auto') await tokens.refreshIfStale()
    return new OAuthSession(tokens, this.#context)
  }

  /**
   * Ends all of the account's sessions, active or not, connections too, or only the one with that session id (or device
   * id, from `listSessions`), or only its connections or sign-ins: the row is removed, then the server is asked to revoke
   * the tokens, which takes 3 s at most, or 13 s when there are hundreds. Does nothing when there is none. `onWarning` is
   * told when a server could not be asked for all of them: those tokens end by themselves.
   *
   * @throws StoreUnavailableError when a row could not be removed; that session is then still there
   */
  async revoke(sub: string, filter: SessionFilter = {}): Promise<void> {
    const did = parseSub(sub)
    // A row without its id must not end all sessions.
    if ('sessionId' in filter && typeof filter.sessionId !== 'string')
      throw new TypeError('A session id was expected. To end all sessions, leave it out.')
    const { sessions, warn } = this.#context
    const { ended, notRevoked } = await endSessions(() => findSessions(did, filter, sessions), this.#context)
    if (notRevoked === 0) return
    warn(
      ended === 1
        ? `A session of ${did} was ended, but the server was not told: its tokens work until they end by themselves.`
        : `${ended} sessions of ${did} were ended; the server was not told of ${notRevoked} of them.`,
    )
  }

  /**
   * The account's sessions, one for each browser, device or connection, the most recently used first.
   *
   * @throws StoreUnavailableError; TypeError when `sub` is not a DID
   */
  async listSessions(sub: string): Promise<readonly SessionSummary[]> {
    return listDevices(parseSub(sub), this.#context.sessions)
  }

  /** By what the store lists the account's sessions, one key for each secret, newest first; none with your own `sessionStore`. */
  async accountKeys(sub: string): Promise<readonly string[]> {
    return this.#context.sessions.accountKeys(parseSub(sub))
  }

  /**
   * What is known of the session with that id, whether it can still be used or not; undefined when there is none.
   *
   * @throws StoreUnavailableError
   */
  async describeSession(sessionId: string): Promise<SessionSummary | undefined> {
    const session = await this.#context.sessions.read(sessionId)
    return session && summarize(session)
  }

  /**
   * The public profile of any account: its verified handle, and the name and picture on its PDS. Asked without a token, and
   * kept in memory for ten minutes. After two seconds it is what was known before, or nothing. Servers that fail cause no
   * error: see `isComplete`.
   *
   * @throws TypeError when `did` is not a DID
   */
  async getProfile(did: string): Promise<PublicProfile> {
    const { identity, waitUntil } = this.#context
    return readProfile(parseSub(did), identity, { waitUntil })
  }

  /**
   * Takes over a session that the official Node client has stored, with its tokens as they are.
   *
   * @param saved what that client gave to its `sessionStore`, or the JSON text of it
   * @throws TypeError when it is no such session; TokenRevokedError when the account has moved; ConfigurationError
   *   when the client key it began with is not configured; OAuthResolverError; StoreUnavailableError
   */
  async importSession(saved: unknown): Promise<OAuthSession> {
    const tokens = createSessionTokens(await importSession(saved, this.#context), this.#context)
    return new OAuthSession(tokens, this.#context)
  }

  /**
   * An account's session with its tokens and keys, for a program that refreshes the tokens by itself, as `refreshTokens`
   * does. A refresh under way is waited for, also in another process; on your own stores only if `requestLock` reaches
   * that process. Do not call it while you hold that lock. From then on only that program may refresh: sign in again to
   * go on here.
   *
   * @param sub the account's DID, and `sessionId` a session's id: never what a visitor sent
   * @returns secrets: store them encrypted, and log none of them
   * @throws TokenRevokedError and ConfigurationError as `restore`; TokenRefreshError when a refresh is under way for too
   *   long; OAuthResolverError as `restore`; StoreUnavailableError; TypeError as `restore`
   */
  async exportSession(sub: string, choice?: SessionChoice): Promise<Session> {
    return toSession(await settleSession(await this.#find(sub, choice), this.#context))
  }

  /**
   * The account that a handle or DID names, for instance one that is mentioned in a text. Cached for five minutes. A
   * handle is verified both ways: it resolves to the DID, and the DID's document names it. For a DID, `handle` is null
   * when that is not so.
   *
   * @param input a handle, with or without `@`, a DID, or the address of a profile page on a known web client
   * @throws InvalidIdentifierError; OAuthResolverError `identity_not_found` when there is definitely no such account,
   *   `server_unavailable` when that could not be asked; the reason of `signal`
   */
  async resolveIdentity(input: string, { signal }: ResolveIdentityOptions = {}): Promise<Identity> {
    return resolveIdentity(input, this.#context.identity, { signal })
  }

  /** Listens for sessions that were stored (`updated`) or have ended (`deleted`), in this process. */
  addEventListener<Type extends keyof SessionEventMap>(
    type: Type,
    listener: SessionEventListener<Type>,
  ): void {
    this.#context.events.add(type, listener)
  }

  removeEventListener<Type extends keyof SessionEventMap>(
    type: Type,
    listener: SessionEventListener<Type>,
  ): void {
    this.#context.events.remove(type, listener)
  }

  async #find(sub: string, choice: SessionChoice | undefined): Promise<StoredSession> {
    const id = choice === undefined ? undefined : parseChoice(choice)
    return findSession(parseSub(sub), id, this.#context.sessions)
  }
}

type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never

function parseSub(sub: string): Did {
  if (isDid(sub)) return sub
  throw new TypeError('The DID of an account was expected.')
}

/** A stored choice that has lost its id must not stand for another session of the account. */
function parseChoice(choice: SessionChoice | null): string {
  const sessionId = choice?.sessionId
  if (typeof sessionId === 'string' && sessionId !== '') return sessionId
  throw new TypeError(
    'The sessionId of a session was expected. Without a choice, the newest sign-in is found.',
  )
}
