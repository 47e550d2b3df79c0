/**
 * A signed-in account, able to call its PDS: every request carries a DPoP-bound token, which is refreshed when it ends
 * (RFC 9449 §7). Plugs into `new Agent(session)` of @atproto/api, `new Client(session)` of @atproto/lex and
 * `new Client({ handler: session })` of @atcute/client.
 */
import { type IdentityDeps, resolveIdentity } from '../../identity/resolve-account.ts'
import type { Did, Handle } from '../../identity/syntax.ts'
import { createResourceFetch, type ResourceDeps, type ResourceFetch } from '../resource/resource-fetch.ts'
import { parseCid } from '../resource/service-id.ts'
import {
  callProcedure,
  queryXrpc,
  type XrpcCaller,
  type XrpcProcedureOptions,
  type XrpcQueryOptions,
} from '../resource/xrpc.ts'
import type { XrpcResult } from '../resource/xrpc-answer.ts'
import { scopeAllows } from '../scope/compare.ts'
import { type EndSessionDeps, endSession } from '../tokens/revoke.ts'
import { type SessionTokens, type TokenInfo, tokenInfoOf } from '../tokens/session-tokens.ts'
import { ProxiedSession } from './proxied-session.ts'
import { requestServiceToken, type ServiceTokenOptions } from './service-auth.ts'

export type SessionDeps = ResourceDeps &
  EndSessionDeps & {
    readonly identity: IdentityDeps
    readonly metadata: { readonly client_id: string; readonly scope: string }
  }

/** The part of an authorization server's metadata that a session keeps. */
export interface ServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly pushed_authorization_request_endpoint: string
  readonly revocation_endpoint?: string
}

export class OAuthSession {
  /** The account. */
  readonly did: Did
  readonly #deps: SessionDeps
  readonly #tokens: SessionTokens
  readonly #fetch: ResourceFetch

  constructor(tokens: SessionTokens, deps: SessionDeps) {
    this.did = tokens.current().row.account.did
    this.#deps = deps
    this.#tokens = tokens
    this.#fetch = createResourceFetch(tokens, deps)
  }

  /** The account, in OAuth's word for it. */
  get sub(): Did {
    return this.did
  }

  /**
   * The random id of this session. It is a secret: it gives access to the session. On an application's own
   * `sessionStore` it is the DID.
   */
  get id(): string {
    return this.#tokens.current().id
  }

  /** The authorization server as it was at sign-in, in the words of RFC 8414. No request is made. */
  get serverMetadata(): ServerMetadata {
    const { server } = this.#tokens.current().row
    return {
      issuer: server.issuer,
      authorization_endpoint: server.authorizationEndpoint,
      token_endpoint: server.tokenEndpoint,
      pushed_authorization_request_endpoint: server.parEndpoint,
      ...(server.revocationEndpoint !== undefined && { revocation_endpoint: server.revocationEndpoint }),
    }
  }

  /** Origin of the account's PDS. */
  get pds(): string {
    return this.#tokens.current().row.account.pds
  }

  /** What was granted, space-separated; it may be less than was asked for. */
  get scope(): string {
    return this.#tokens.current().row.tokens.scope
  }

  /** Whether the granted scope allows `scope`, e.g. `repo:app.bsky.feed.post?action=create`; compared as `scopeAllows` does. */
  can(scope: string): boolean {
    return scopeAllows(this.scope, scope)
  }

  /**
   * The PDS's response to a request, whatever its status; redirects are not followed. The token is refreshed before it
   * ends, and when the PDS calls it invalid, once in a minute; then, and for a new nonce, the request is sent again. For
   * that, bodies up to 1 MiB are kept, and larger blobs and forms are read again. A stream is sent once and never
   * buffered: a small request before it makes sure that nonce and token are accepted. When the call fails, the stream is
   * cancelled.
   *
   * @param pathname path and query on the PDS, e.g. `/xrpc/com.atproto.repo.createRecord`; a URL of another
   *   origin is refused before anything is signed
   * @param init as for `fetch`; the headers authorization, cookie, dpop, host, origin and referer, connection headers
   *   and those of proxies and browsers (`x-forwarded-…`, `sec-…`) are left out. Responses are requested compressed,
   *   and decoded as they are read; with `accept-encoding: identity` they come with their `content-length`, and any other
   *   value is replaced. When `signal` aborts the call, also while the response is being read, the signal's own reason is
   *   thrown; a refresh under way is finished and stored all the same
   * @throws AtprotoAuthError `foreign_origin`, `network_error`, `timeout` after a minute without a byte,
   *   `retry_needed` when a stream has to be sent again from its start; TokenRefreshError and TokenInvalidError
   *   when it may work later; TokenRevokedError when the user has to sign in again
   */
  fetchHandler(pathname: string, init: RequestInit = {}): Promise<Response> {
    return this.#fetch(pathname, init)
  }

  /** `fetchHandler`, by the name that @atcute/client calls. The user's handle is `getHandle()`. */
  handle(pathname: string, init: RequestInit = {}): Promise<Response> {
    return this.#fetch(pathname, init)
  }

  /**
   * The result of an XRPC query, up to `maxBytes`; use `fetchHandler` to stream a larger one. A call is repeated only
   * where `fetchHandler` repeats it. With `schema`, the result is checked and `data` has the type of the schema's output.
   * Without a schema nothing is checked, and the type of `data` is the one that you name.
   *
   * @param nsid the method, e.g. `com.atproto.repo.getRecord`
   * @throws TypeError when `nsid`, `proxy` or another option is malformed; XrpcError with the server's `status`
   *   and `error`, ScopeMissingError with the scope to ask for, RateLimitError with the time to wait; AtprotoAuthError
   *   `timeout` after `timeoutMs`, `response_too_large`, `invalid_response` when the result is malformed JSON or does
   *   not fit `schema`; what `fetchHandler` throws
   */
  get<Data = unknown>(nsid: string, options: XrpcQueryOptions<Data> = {}): Promise<XrpcResult<Data>> {
    return queryXrpc(nsid, options, this.#caller())
  }

  /** The result of an XRPC procedure; in all else as `get`. After a `timeout` the PDS may still have done the work. */
  post<Data = unknown>(nsid: string, options: XrpcProcedureOptions<Data> = {}): Promise<XrpcResult<Data>> {
    return callProcedure(nsid, options, this.#caller())
  }

  /**
   * This session seen through a service that the PDS passes calls on to (header `atproto-proxy`).
   *
   * @param service DID, `#` and name, e.g. `did:web:api.bsky.app#bsky_appview`, as in the `rpc` scope granted
   * @throws TypeError for anything else
   */
  withProxy(service: string): ProxiedSession {
    return new ProxiedSession(this, service)
  }

  /**
   * A short-lived token with which another service accepts a call as this account's. The caller sends it there as
   * `Authorization: Bearer` (atproto.com/specs/xrpc, "Inter-Service Authentication"). Needs the
   * scope `rpc:<lxm>?aud=<aud>`, with the very same `aud`.
   *
   * @throws what `get` throws
   */
  getServiceAuth(options: ServiceTokenOptions): Promise<string> {
    return requestServiceToken(options, this)
  }

  /**
   * The public URL of one of the account's blobs, e.g. its avatar, on its PDS. No token is needed or sent.
   *
   * @param cid the blob's `ref.$link`
   * @throws TypeError when it is no CID
   */
  blobUrl(cid: string): string {
    const params = new URLSearchParams({ did: this.did, cid: parseCid(cid) })
    return `${this.pds}/xrpc/com.atproto.sync.getBlob?${params}`
  }

  /**
   * The account's handle, verified both ways now or a few minutes ago; null when it definitely has none that leads back
   * to the account.
   *
   * @throws OAuthResolverError `server_unavailable` when that could not be asked: the DID's document could not be had, or
   *   DNS or the handle's host gave no answer. Keep the handle that you have. `identity_not_found` when the account's DID
   *   has no usable document
   */
  async getHandle(): Promise<Handle | null> {
    return (await resolveIdentity(this.did, this.#deps.identity)).handle
  }

  /**
   * Refreshes the tokens now, under the lock that all processes share; tokens that another process has refreshed in the
   * meantime count as refreshed.
   *
   * @throws TokenRefreshError when it may work later; TokenRevokedError when the user has to sign in again
   */
  refresh(): Promise<void> {
    return this.#tokens.refresh()
  }

  /**
   * What is known of the access token, read from the store now.
   *
   * @param refresh true: refresh it first; false: do not, even if it has ended; `auto`: refresh it if it ends soon
   * @throws TokenRevokedError when the session has ended; TokenRefreshError
   */
  async getTokenInfo(refresh: boolean | 'auto' = 'auto'): Promise<TokenInfo> {
    await this.#tokens.reload()
    if (refresh === true) await this.#tokens.refresh()
    else if (refresh === 'auto') await this.#tokens.refreshIfStale()
    return tokenInfoOf(this.#tokens.current().row, this.#deps.now)
  }

  /**
   * Ends the session: its row is removed first, then the server is asked to revoke the tokens, which takes 3 s at most.
   *
   * @throws StoreUnavailableError when the row could not be removed; the session is then still there
   */
  async signOut(): Promise<void> {
    await endSession(this.#tokens.current(), this.#deps, (cause) => this.#tokens.end(cause))
  }

  /** Whether this object knows that the session has ended: by its own `signOut`, or from the store or the server. */
  get isEnded(): boolean {
    return this.#tokens.isOver()
  }

  /** For logs and JSON: the account, nothing else. */
  toJSON(): { readonly did: Did } {
    return { did: this.did }
  }

  #caller(): XrpcCaller {
    const row = () => this.#tokens.current().row
    return {
      did: this.did,
      fetch: this.#fetch,
      pds: () => row().account.pds,
      scope: () => row().tokens.scope,
      declared: this.#deps.metadata.scope,
      secrets: () => {
        const { accessToken, refreshToken = '' } = row().tokens
        return [this.id, accessToken, refreshToken].filter((secret) => secret !== '')
      },
      now: this.#deps.now,
    }
  }
}
