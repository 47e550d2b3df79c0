/**
 * One call to the PDS (RFC 9449 §7): checked to stay there, signed, and sent again when the PDS wants another
 * nonce or token, as far as its body allows.
 */
import { importSigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError } from '../../errors.ts'
import type { ClientContext } from '../context.ts'
import type { StoredSession } from '../records/records.ts'
import { fetchWithDpop } from '../server/dpop.ts'
import { hasChallenge } from '../server/www-authenticate.ts'
import type { SessionTokens } from '../tokens/session-tokens.ts'
import { type PreparedBody, parseMethod, prepareBody, resourceHeaders } from './request-body.ts'

/** Any PDS answers it, at little cost, and only to a valid token with a fresh nonce. */
const PRIMER = '/xrpc/com.atproto.server.getSession'
/** Nonces of the reference server live for two minutes at least. */
const NONCE_TRUST_MS = 60_000

interface ResourceCall {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: PreparedBody | undefined
  readonly signal: AbortSignal | undefined
}

/** A way to call the PDS of one session. */
export type ResourceFetch = (pathname: string, init?: RequestInit) => Promise<Response>

/** What the calls of one session share. */
interface Lane {
  readonly tokens: SessionTokens
  /** The response to one sending, and the tokens that it was sent with. */
  send(call: ResourceCall): Promise<{ readonly response: Response; readonly used: StoredSession }>
  /** Whether the PDS has just taken the nonce that the next request would carry. */
  hasFreshNonce(): boolean
}

/** The door from one session to its PDS; `OAuthSession.fetchHandler` says what it does. */
export function createResourceFetch(tokens: SessionTokens, context: ClientContext): ResourceFetch {
  const lane = createLane(tokens, context)
  return async (pathname, init = {}) => {
    try {
      const call = await prepareCall(pathname, init, tokens.current().row.pds)
      return await context.trace('atproto.request', attributesOf(call), async (span) => {
        await unlessAborted(tokens.refreshIfStale(), call.signal)
        const isOnce = call.body?.replayable === false
        const response = await (isOnce ? sendStream(call, lane) : sendReplayable(call, lane))
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
  const url = resolveOnPds(pathname, pds)
  const method = parseMethod(init)
  const headers = new Headers(init.headers)
  const signal = init.signal ?? undefined
  signal?.throwIfAborted()
  return { url, method, headers, body: await prepareBody(init.body), signal }
}

/** Cancels a stream that nobody has begun to read: whoever gave it away looks after it no more. */
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

function createLane(tokens: SessionTokens, context: ClientContext): Lane {
  /** Epoch milliseconds. */
  let nonceFreshUntil = 0
  return {
    tokens,
    async send(call) {
      const used = tokens.current()
      const response = await sendOnce(call, used, context)
      // Without the header nobody looked at the proof, as for records that everybody may read.
      const isChecked = response.status < 400 && response.headers.has('dpop-nonce')
      if (isChecked) nonceFreshUntil = context.now() + NONCE_TRUST_MS
      return { response, used }
    },
    hasFreshNonce: () =>
      context.now() < nonceFreshUntil && context.servers.nonce(tokens.current().row.pds) !== undefined,
  }
}

/** A body at hand: one sending, one with other tokens, and one more if others have renewed them meanwhile. */
async function sendReplayable(call: ResourceCall, { tokens, send }: Lane): Promise<Response> {
  const first = await send(call)
  if (!isTokenRefused(first.response)) return first.response
  await first.response.body?.cancel()
  await unlessAborted(tokens.replace(first.used), call.signal)

  const second = await send(call)
  if (!isTokenRefused(second.response)) return second.response
  await second.response.body?.cancel()
  if (!(await unlessAborted(tokens.hasNewer(second.used), call.signal))) throw tokens.suspect()

  const third = await send(call)
  if (!isTokenRefused(third.response)) return third.response
  await third.response.body?.cancel()
  throw tokens.suspect()
}

/** A stream: sent once, when nothing is known to be missing. */
async function sendStream(call: ResourceCall, lane: Lane): Promise<Response> {
  const { tokens, send } = lane
  const { pds } = tokens.current().row
  if (!lane.hasFreshNonce()) {
    const url = new URL(PRIMER, pds)
    const primer = { ...call, url, method: 'GET', headers: new Headers(), body: undefined }
    await (await sendReplayable(primer, lane)).body?.cancel()
  }
  const hangUp = new AbortController()
  const signal = AbortSignal.any([hangUp.signal, ...(call.signal ? [call.signal] : [])])
  const { response, used } = await send({ ...call, signal })
  const wantsToken = isTokenRefused(response)
  if (!wantsToken && !isNonceRefused(response)) return response
  hangUp.abort()
  if (wantsToken) {
    await unlessAborted(tokens.replace(used), call.signal)
    // Nobody knows yet whether the PDS takes the new token. If not, the next try starts no further refresh.
    tokens.suspect()
  }
  throw new AtprotoAuthError(
    'retry_needed',
    `${pds} wanted another ${wantsToken ? 'token' : 'nonce'} before it took the stream. Send it again from its start.`,
    { endpoint: call.url.origin + call.url.pathname, status: response.status },
  )
}

async function sendOnce(
  call: ResourceCall,
  { row }: StoredSession,
  context: ClientContext,
): Promise<Response> {
  const { identity, servers, now } = context
  const request = {
    url: onPds(call.url, row.pds),
    method: call.method,
    kind: 'resource',
    key: await importSigningKey(row.dpopJwk),
    clockOrigin: new URL(row.tokenEndpoint).origin,
    accessToken: row.accessToken,
    signal: call.signal,
    once: call.body?.replayable === false,
    async build() {
      const body = call.body?.open()
      return { headers: resourceHeaders(call.headers, body), body: body?.content }
    },
  } as const
  return fetchWithDpop(request, { fetch: identity.fetch, servers, now })
}

function isTokenRefused(response: Response): boolean {
  return response.status === 401 && hasChallenge(response, 'invalid_token')
}

function isNonceRefused(response: Response): boolean {
  const { status } = response
  return (status === 401 || status === 400) && hasChallenge(response, 'use_dpop_nonce')
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
