/**
 * One call to the PDS (RFC 9449 §7): checked to stay there, signed, and sent again when the PDS wants another nonce or
 * token, as far as its body allows.
 */
import { importSigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError } from '../../errors.ts'
import { discardBody } from '../../net/discard-body.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import type { StoredSession } from '../records/records-contract.ts'
import { type DpopRequest, fetchWithDpop } from '../server/dpop.ts'
import type { ServerState } from '../server/server-state.ts'
import { hasChallenge } from '../server/www-authenticate.ts'
import type { SessionTokens } from '../tokens/session-tokens.ts'
import type { Trace } from '../trace.ts'
import { forAccount } from './for-account.ts'
import { urlOnPds, withPds } from './pds-url.ts'
import { parseMethod, prepareBody, resourceHeaders } from './request-body.ts'
import { type JudgedResponse, judgeResponse } from './token-refusal.ts'

export interface ResourceDeps {
  readonly identity: { readonly fetch: GuardedFetch }
  readonly servers: ServerState
  readonly trace: Trace
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Any PDS answers it, at little cost, and only to a valid token with a fresh nonce. */
const NONCE_PROBE = '/xrpc/com.atproto.server.getSession'
/** Nonces of the reference server live for two minutes at least. */
const NONCE_TRUST_MS = 60_000

/** A request to the PDS, before it is known which tokens it is sent with. */
type ResourceCall = Omit<DpopRequest, 'key' | 'clockOrigin' | 'accessToken'>

/** A way to call the PDS of one session. */
export type ResourceFetch = (pathname: string, init?: RequestInit) => Promise<Response>

/** A call that was answered. */
interface Sent extends JudgedResponse {
  /** The tokens that it was sent with. */
  readonly used: StoredSession
}

/** Sends the calls of one session. */
interface ResourceSender {
  readonly tokens: SessionTokens
  /** Sends a call once. */
  send(call: ResourceCall): Promise<Sent>
  /** Whether the PDS has just accepted the nonce that the next request would carry. */
  hasFreshNonce(): boolean
}

/** Creates the fetch function of a session, as `OAuthSession.fetchHandler` describes it. */
export function createResourceFetch(tokens: SessionTokens, deps: ResourceDeps): ResourceFetch {
  const sender = createSender(tokens, deps)
  return async (pathname, init = {}) => {
    try {
      const call = await prepareCall(pathname, init, tokens.current().row.account.pds)
      const { signal } = call
      return await deps.trace('atproto.request', attributesOf(call), async (span) => {
        await unlessAborted(tokens.refreshIfStale(signal), signal)
        const isOnce = call.body?.replayable === false
        const response = await (isOnce ? sendStream(call, sender) : sendReplayable(call, sender))
        span.set('http.response.status_code', response.status)
        return response
      })
    } catch (error) {
      cancelUnread(init.body, error)
      throw error
    }
  }
}

async function prepareCall(pathname: string, init: RequestInit, pds: string): Promise<ResourceCall> {
  const url = urlOnPds(pathname, pds)
  const method = parseMethod(init)
  const headers = resourceHeaders(init.headers)
  const signal = init.signal ?? undefined
  signal?.throwIfAborted()
  return { url, method, kind: 'resource', headers, body: await prepareBody(init.body), signal }
}

/** Cancels a stream that has not been read, because the caller cannot cancel it any more. */
function cancelUnread(body: RequestInit['body'], reason: unknown): void {
  if (!(body instanceof ReadableStream) || body.locked) return
  // One that was broken already has nothing to cancel.
  body.cancel(reason).catch(() => undefined)
}

/** What a span says of a call: the XRPC method and never the query, which names accounts and records. */
function attributesOf({ url, method }: ResourceCall): Readonly<Record<string, string>> {
  const [, nsid] = /^\/xrpc\/([a-zA-Z0-9.-]+)$/.exec(url.pathname) ?? []
  return {
    'http.request.method': method,
    'server.address': url.host,
    ...(nsid !== undefined && { 'rpc.method': nsid }),
  }
}

function createSender(tokens: SessionTokens, deps: ResourceDeps): ResourceSender {
  /** Epoch milliseconds. */
  let nonceFreshUntil = 0
  return {
    tokens,
    async send(call) {
      const used = tokens.current()
      const response = await sendOnce(call, used, deps)
      // A response without DPoP-Nonce shows that the PDS did not check the proof, as for public records.
      const isChecked = response.status < 400 && response.headers.has('dpop-nonce')
      if (isChecked) nonceFreshUntil = deps.now() + NONCE_TRUST_MS
      return { ...(await judgeResponse(response, call)), used }
    },
    hasFreshNonce() {
      const { pds } = tokens.current().row.account
      return deps.now() < nonceFreshUntil && deps.servers.nonce(pds) !== undefined
    },
  }
}

/** Sends a body that can be sent again: once, once more with other tokens, and a third time if another process has refreshed them. */
async function sendReplayable(call: ResourceCall, { tokens, send }: ResourceSender): Promise<Response> {
  const first = await send(call)
  if (!(await unlessAborted(isReason(first, tokens), call.signal))) return first.response
  // Before the refresh, which asks the same PDS who its authorization server is.
  await discardBody(first.response)
  await unlessAborted(tokens.replaceRefusedTokens(first.used, call.signal), call.signal)

  const second = await send(call)
  if (!second.refusal) return second.response
  if (!(await unlessAborted(tokens.hasNewer(second.used), call.signal))) return rejected(second, tokens)
  await discardBody(second.response)
  await unlessAborted(tokens.refreshIfStale(call.signal), call.signal)

  const third = await send(call)
  return third.refusal ? rejected(third, tokens) : third.response
}

/** Whether an answer is a reason to take other tokens. What is thrown takes the place of the answer. */
async function isReason({ response, refusal, used }: Sent, tokens: SessionTokens): Promise<boolean> {
  try {
    return refusal !== undefined && (await tokens.believesRefusal(used, refusal))
  } catch (error) {
    await discardBody(response)
    throw error
  }
}

/**
 * New tokens were refused too. What a PDS says without a challenge goes to the caller as it came: it may mean something else.
 *
 * @throws TokenInvalidError after a challenge
 */
async function rejected({ response, refusal }: Sent, tokens: SessionTokens): Promise<Response> {
  const error = tokens.recordRejection()
  if (refusal !== 'challenged') return response
  await discardBody(response)
  throw error
}

/** Sends a stream, once; a small request before it makes sure that token and nonce are accepted. */
async function sendStream(call: ResourceCall, sender: ResourceSender): Promise<Response> {
  const { tokens, send } = sender
  const { pds } = tokens.current().row.account
  if (!sender.hasFreshNonce()) {
    const url = new URL(NONCE_PROBE, pds)
    const probe = { ...call, url, method: 'GET', headers: new Headers(), body: undefined }
    // The stream goes by another connection, so it does not wait for this answer to be read.
    void discardBody(await sendReplayable(probe, sender))
  }
  const hangUp = new AbortController()
  const signal = AbortSignal.any([hangUp.signal, ...(call.signal ? [call.signal] : [])])
  const sent = await send({ ...call, signal })
  const { response, used } = sent
  const wantsToken = await unlessAborted(isReason(sent, tokens), call.signal)
  if (!wantsToken && !isNonceRefused(response)) return response
  hangUp.abort()
  if (wantsToken) {
    await unlessAborted(tokens.replaceRefusedTokens(used, call.signal), call.signal)
    // It is not known yet whether the PDS accepts the new token. If not, the next try starts no further refresh.
    tokens.recordRejection()
  }
  throw new AtprotoAuthError(
    'retry_needed',
    `${pds} wanted another ${wantsToken ? 'token' : 'nonce'} before it took the stream. Send it again from its start.`,
    { did: used.row.account.did, endpoint: call.url.origin + call.url.pathname, status: response.status },
  )
}

async function sendOnce(call: ResourceCall, { row }: StoredSession, deps: ResourceDeps): Promise<Response> {
  const request: DpopRequest = {
    ...call,
    url: withPds(call.url, row.account.pds),
    key: await importSigningKey(row.key.dpopJwk),
    clockOrigin: new URL(row.server.tokenEndpoint).origin,
    accessToken: row.tokens.accessToken,
  }
  try {
    return await fetchWithDpop(request, { fetch: deps.identity.fetch, servers: deps.servers, now: deps.now })
  } catch (error) {
    throw forAccount(error, row.account.did)
  }
}

function isNonceRefused(response: Response): boolean {
  const { status } = response
  return (status === 401 || status === 400) && hasChallenge(response, 'use_dpop_nonce')
}

/**
 * The result of work that a caller may stop waiting for, but not stop: a refresh under way is finished and
 * stored, since its tokens would be lost otherwise.
 */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
