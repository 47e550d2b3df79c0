/**
 * A signed-in account, able to call its PDS: every request carries a DPoP-bound token and renews it by itself
 * (RFC 9449 §7). Plugs into `new Agent(session)` of @atproto/api.
 */
import { importSigningKey } from '../crypto/keyset.ts'
import { AtprotoAuthError, TokenInvalidError, TokenRefreshError } from '../errors.ts'
import type { Did } from '../identity/syntax.ts'
import { hasChallenge } from './challenge.ts'
import type { ClientContext } from './context.ts'
import { fetchWithDpop } from './dpop.ts'
import type { StoredSession } from './records.ts'
import { isStale, refreshSession } from './refresh.ts'
import { type PreparedBody, prepareBody, resourceHeaders } from './resource-request.ts'
import { endSession } from './revoke.ts'

/** How long a PDS that refused a new token starts no further refresh. */
const SUSPECT_MS = 60_000

export class OAuthSession {
  /** The account. */
  readonly did: Did
  readonly #context: ClientContext
  #stored: StoredSession

  constructor(stored: StoredSession, context: ClientContext) {
    this.did = stored.row.did
    this.#stored = stored
    this.#context = context
  }

  /** The account, in OAuth's word for it. */
  get sub(): Did {
    return this.did
  }

  /** The random id of this session. It is a secret: whoever has it has the session. */
  get id(): string {
    return this.#stored.id
  }

  /** Origin of the account's PDS. */
  get pds(): string {
    return this.#stored.row.pds
  }

  /** What was granted, space-separated; it may be less than was asked for. */
  get scope(): string {
    return this.#stored.row.scope
  }

  /**
   * The PDS's response to a request, whatever its status; redirects are not followed. The token is renewed
   * before it ends and once more when the PDS calls it invalid.
   *
   * @param pathname path and query on the PDS, e.g. `/xrpc/com.atproto.repo.createRecord`; a URL of another
   *   origin is refused before anything is signed
   * @param init as for `fetch`; headers that would change who is asking are left out
   * @throws AtprotoAuthError `foreign_origin`, `network_error`, `timeout`; TokenRefreshError and
   *   TokenInvalidError when it may work later; TokenRevokedError when the person has to sign in again
   */
  async fetchHandler(pathname: string, init: RequestInit = {}): Promise<Response> {
    const url = resolveOnPds(pathname, this.pds)
    const body = await prepareBody(init.body)
    const call = { url, init, body }
    if (isStale(this.#stored.row, this.#context.now())) await this.#refreshEarly()

    const used = this.#stored
    const response = await this.#send(call)
    if (response.status !== 401 || !hasChallenge(response, 'invalid_token')) return response
    await response.body?.cancel()
    // A refusal that arrives late is about an older token than the one that a parallel call has renewed meanwhile.
    if (this.#stored.generation === used.generation) await this.#refreshAfterRefusal()
    const second = await this.#send(call)
    if (second.status !== 401 || !hasChallenge(second, 'invalid_token')) return second
    await second.body?.cancel()
    this.#context.suspects.set(this.id, this.#context.now() + SUSPECT_MS)
    throw this.#tokenRejected()
  }

  /**
   * Ends the session: its row is removed first, then the server is asked to revoke the tokens, for 3 s at
   * most.
   *
   * @throws StoreUnavailableError when the row could not be removed; the session is then still there
   */
  async signOut(): Promise<void> {
    await endSession(this.#stored, this.#context)
  }

  /** For logs and JSON: the account, nothing else. */
  toJSON(): { readonly did: Did } {
    return { did: this.did }
  }

  /** A token that is still valid serves on while it cannot be renewed. */
  async #refreshEarly(): Promise<void> {
    const { expiresAt = 0 } = this.#stored.row
    await this.#refresh().catch((error: unknown) => {
      if (!(error instanceof TokenRefreshError) || expiresAt <= this.#context.now()) throw error
    })
  }

  /** A PDS that refused a new token a moment ago would refuse the next one too: no refresh for that. */
  async #refreshAfterRefusal(): Promise<void> {
    const { suspects, now } = this.#context
    const until = suspects.get(this.id)
    if (until !== undefined && until > now()) throw this.#tokenRejected()
    suspects.delete(this.id)
    await this.#refresh()
  }

  #tokenRejected(): TokenInvalidError {
    return new TokenInvalidError(this.did, `${this.pds} refuses a token that was just renewed.`, {
      endpoint: this.pds,
    })
  }

  async #refresh(): Promise<void> {
    this.#stored = await refreshSession(this.#stored, this.#context)
  }

  async #send({ url, init, body }: ResourceCall): Promise<Response> {
    const { identity, servers, now } = this.#context
    const { row } = this.#stored
    const request = {
      url: onPds(url, row.pds),
      method: (init.method ?? 'GET').toUpperCase(),
      kind: 'resource',
      key: await importSigningKey(row.dpopJwk),
      clockOrigin: new URL(row.tokenEndpoint).origin,
      accessToken: row.accessToken,
      signal: init.signal ?? undefined,
      build: async () => ({ headers: resourceHeaders(init.headers, body), body: body?.bytes }),
    } as const
    return fetchWithDpop(request, { fetch: identity.fetch, servers, now })
  }
}

interface ResourceCall {
  readonly url: URL
  readonly init: RequestInit
  readonly body: PreparedBody | undefined
}

/** The same path on the PDS. Never by resolving: the path `//host` would be read as another host. */
function onPds({ pathname, search }: URL, pds: string): URL {
  const url = new URL(pds)
  url.pathname = pathname
  url.search = search
  return url
}

/** The URL, if it stays on the PDS: `//host`, `/\host` and absolute URLs would carry the token away. */
function resolveOnPds(pathname: string, pds: string): URL {
  const url = URL.parse(pathname, pds)
  if (url?.href.startsWith(`${pds}/`)) return url
  throw new AtprotoAuthError(
    'foreign_origin',
    `A session of ${pds} sends requests there only, not to another origin.`,
  )
}
