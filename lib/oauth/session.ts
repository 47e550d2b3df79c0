/**
 * A signed-in account, able to call its PDS: every request carries a DPoP-bound token and renews it by itself
 * (RFC 9449 §7). Plugs into `new Agent(session)` of @atproto/api, `new Client(session)` of @atproto/lex and
 * `new Client({ handler: session })` of @atcute/client.
 */
import { resolveIdentity } from '../identity/resolve.ts'
import type { Did, Handle } from '../identity/syntax.ts'
import type { ClientContext } from './context.ts'
import { ProxiedSession } from './proxied-session.ts'
import { createResourceFetch, type ResourceFetch } from './resource-call.ts'
import { endSession } from './revoke.ts'
import { scopeAllows } from './scope.ts'
import { requestServiceToken, type ServiceTokenOptions } from './service-auth.ts'
import { parseCid } from './service-id.ts'
import { type SessionTokens, type TokenInfo, tokenInfoOf } from './session-tokens.ts'
import {
  callProcedure,
  queryXrpc,
  type XrpcCaller,
  type XrpcProcedureOptions,
  type XrpcQueryOptions,
} from './xrpc.ts'
import type { XrpcResult } from './xrpc-answer.ts'

/** What of an authorization server's metadata a session keeps. */
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
  readonly #context: ClientContext
  readonly #tokens: SessionTokens
  readonly #fetch: ResourceFetch

  constructor(tokens: SessionTokens, context: ClientContext) {
    this.did = tokens.current().row.did
    this.#context = context
    this.#tokens = tokens
    this.#fetch = createResourceFetch(this.#tokens, context)
  }

  /** The account, in OAuth's word for it. */
  get sub(): Did {
    return this.did
  }

  /**
   * The random id of this session: a secret, because whoever has it has the session. On an application's own
   * `sessionStore` it is the DID.
   */
  get id(): string {
    return this.#tokens.current().id
  }

  /** The authorization server as it was at sign-in, in the words of RFC 8414. No request is made. */
  get serverMetadata(): ServerMetadata {
    const { row } = this.#tokens.current()
    return {
      issuer: row.issuer,
      authorization_endpoint: row.authorizationEndpoint,
      token_endpoint: row.tokenEndpoint,
      pushed_authorization_request_endpoint: row.parEndpoint,
      ...(row.revocationEndpoint !== undefined && { revocation_endpoint: row.revocationEndpoint }),
    }
  }

  /** Origin of the account's PDS. */
  get pds(): string {
    return this.#tokens.current().row.pds
  }

  /** What was granted, space-separated; it may be less than was asked for. */
  get scope(): string {
    return this.#tokens.current().row.scope
  }

  /** Whether what was granted allows all of that, e.g. `repo:app.bsky.feed.post?action=create`; judged as `scopeAllows` does. */
  can(scope: string): boolean {
    return scopeAllows(this.scope, scope)
  }

  /**
   * The PDS's response to a request, whatever its status; redirects are not followed. The token is renewed
   * before it ends and once more when the PDS calls it invalid; then, and for a new nonce, the request is sent
   * again. Bodies are kept up to 1 MiB and larger blobs and forms read again for that. A stream is sent once and
   * never buffered: nonce and token are made sure of before it, with a small request of its own. When the call
   * fails, it is cancelled.
   *
   * @param pathname path and query on the PDS, e.g. `/xrpc/com.atproto.repo.createRecord`; a URL of another
   *   origin is refused before anything is signed
   * @param init as for `fetch`; headers that would change who is asking are left out. When `signal` ends the
   *   call, also while the response is being read, the signal's own reason is thrown; a renewal under way is
   *   finished and stored all the same
   * @throws AtprotoAuthError `foreign_origin`, `network_error`, `timeout` after a minute without a byte,
   *   `retry_needed` when a stream has to be sent again from its start; TokenRefreshError and TokenInvalidError
   *   when it may work later; TokenRevokedError when the person has to sign in again
   */
  fetchHandler(pathname: string, init: RequestInit = {}): Promise<Response> {
    return this.#fetch(pathname, init)
  }

  /** `fetchHandler`, by the name that @atcute/client calls. The person's handle is `getHandle()`. */
  handle(pathname: string, init: RequestInit = {}): Promise<Response> {
    return this.#fetch(pathname, init)
  }

  /**
   * The result of an XRPC query, up to `maxBytes`; use `fetchHandler` to stream a larger one. A call is repeated only
   * where `fetchHandler` repeats it. With `schema`, the result is checked and `data` has the type of the schema's output.
   * Without a schema nothing is checked, and the type of `data` is the one that you name.
   *
   * @param nsid the method, e.g. `com.atproto.repo.getRecord`
   * @throws TypeError when `nsid`, `proxy`, `timeoutMs` or `maxBytes` is malformed; XrpcError with the server's `status`
   *   and `error`, ScopeMissingError with the scope to ask for, RateLimitError with the time to wait; AtprotoAuthError
   *   `timeout` after `timeoutMs`, `response_too_large`, `invalid_response` when the result is malformed JSON or does
   *   not fit `schema`; what `fetchHandler` throws
   */
  get<Data = unknown>(nsid: string, options: XrpcQueryOptions<Data> = {}): Promise<XrpcResult<Data>> {
    return queryXrpc(nsid, options, this.#caller())
  }

  /** The result of an XRPC procedure; for the rest, as `get`. After a `timeout` the PDS may still have done the work. */
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
   * A short-lived token with which another service takes a call as this account's, sent there as
   * `Authorization: Bearer` by the caller (atproto.com/specs/xrpc, "Inter-Service Authentication"). Needs the
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
   * The account's handle, verified both ways now or a few minutes ago; null when none leads back to the account.
   *
   * @throws OAuthResolverError when the account's DID cannot be resolved, or the handle not asked for just now
   */
  async getHandle(): Promise<Handle | null> {
    return (await resolveIdentity(this.did, this.#context.identity)).handle
  }

  /**
   * Renews the tokens now, under the lock that all processes share; tokens that another process has renewed since
   * count as renewed.
   *
   * @throws TokenRefreshError when it may work later; TokenRevokedError when the person has to sign in again
   */
  refresh(): Promise<void> {
    return this.#tokens.refresh()
  }

  /**
   * What is known of the access token, read from the store anew.
   *
   * @param refresh true: renew it first; false: do not, even if it has ended; `auto`: renew it if it ends soon
   * @throws TokenRevokedError when the session is over; TokenRefreshError
   */
  async getTokenInfo(refresh: boolean | 'auto' = 'auto'): Promise<TokenInfo> {
    await this.#tokens.reload()
    if (refresh === true) await this.#tokens.refresh()
    else if (refresh === 'auto') await this.#tokens.refreshIfStale()
    return tokenInfoOf(this.#tokens.current().row, this.#context.now)
  }

  /**
   * Ends the session: its row is removed first, then the server is asked to revoke the tokens, for 3 s at
   * most.
   *
   * @throws StoreUnavailableError when the row could not be removed; the session is then still there
   */
  async signOut(): Promise<void> {
    await endSession(this.#tokens.current(), this.#context, (cause) => this.#tokens.end(cause))
  }

  /** Whether this object knows that the session is over: by its own `signOut`, or told so by store or server. */
  get isEnded(): boolean {
    return this.#tokens.isOver()
  }

  /** For logs and JSON: the account, nothing else. */
  toJSON(): { readonly did: Did } {
    return { did: this.did }
  }

  #caller(): XrpcCaller {
    const { id, row } = this.#tokens.current()
    const { pds, scope, accessToken, refreshToken = accessToken } = row
    const secrets = [id, accessToken, refreshToken].filter((secret) => secret !== '')
    return { fetch: this.#fetch, pds, scope, secrets, now: this.#context.now }
  }
}
