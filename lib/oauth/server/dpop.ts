/** DPoP (RFC 9449): a proof with every request, and one retry when the server asks for a fresh nonce. */
import { randomToken } from '../../crypto/derive.ts'
import { sha256 } from '../../crypto/hash.ts'
import type { SigningKey } from '../../crypto/keyset.ts'
import { discardBody } from '../../net/discard-body.ts'
import type { GuardedFetch, GuardedRequest, RequestKind } from '../../net/guarded-fetch.ts'
import { isYoung, type ServerState } from './server-state.ts'
import { hasChallenge } from './www-authenticate.ts'

export interface DpopRequest {
  readonly url: URL
  readonly method: string
  readonly kind: RequestKind
  readonly headers: Headers
  readonly body?: RequestBody | undefined
  readonly signal?: AbortSignal | undefined
  /** Epoch milliseconds after which the request is not sent again; default never. */
  readonly repeatUntil?: number | undefined
  readonly key: SigningKey
  /** Origin of the authorization server, whose clock dates the proofs. */
  readonly clockOrigin: string
  /** For requests to the PDS: sent as `Authorization: DPoP`, its hash in the proof. */
  readonly accessToken?: string | undefined
}

/** A body that is opened for each time it is sent. */
export interface RequestBody {
  /** Whether `open` works more than once. If not, a request for another nonce is returned to the caller as it came. */
  readonly replayable: boolean
  /** The body for one attempt. A client assertion in it is made for that attempt, so that none is used twice. */
  open(): OpenedBody | Promise<OpenedBody>
}

export interface OpenedBody {
  readonly content: NonNullable<GuardedRequest['body']>
  /** The media type of the body itself, e.g. of FormData and Blob; used where the headers name none. */
  readonly contentType: string | null
  /** Set where the exact size of a stream is known. */
  readonly length?: number | undefined
}

export interface DpopDeps {
  readonly fetch: GuardedFetch
  readonly servers: ServerState
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Sends a request with a DPoP proof, and once more when the server asks for another nonce. */
export async function fetchWithDpop(request: DpopRequest, deps: DpopDeps): Promise<Response> {
  const { origin } = request.url
  const usedNonce = await deps.servers.recallNonce(origin, deps.now())
  const response = await attempt(request, usedNonce, deps)
  // A server may ask for a nonce and give none: what it gave long ago is too old for that, too.
  const isKnown = isYoung(deps.servers.nonceSeenAt(origin), deps.now())
  const nextNonce = isKnown ? deps.servers.nonce(origin) : undefined
  const isOnce = request.body?.replayable === false
  if (isOnce || nextNonce === undefined || nextNonce === usedNonce) return response
  if (request.repeatUntil !== undefined && deps.now() > request.repeatUntil) return response
  if (!(await wantsNonce(response, request.kind))) return response
  await discardBody(response)
  return attempt(request, nextNonce, deps)
}

async function attempt(request: DpopRequest, nonce: string | undefined, deps: DpopDeps): Promise<Response> {
  const { method, kind, signal } = request
  const body = await request.body?.open()
  const headers = new Headers(request.headers)
  if (body?.contentType && !headers.has('content-type')) headers.set('content-type', body.contentType)
  if (body?.length !== undefined) headers.set('content-length', String(body.length))
  const serverNow = deps.now() + deps.servers.clockOffsetMs(request.clockOrigin)
  headers.set('dpop', createProof(request, nonce, serverNow))
  if (request.accessToken !== undefined) headers.set('authorization', `DPoP ${request.accessToken}`)
  const response = await deps.fetch(request.url, {
    kind,
    method,
    headers,
    signal,
    ...(body && { body: body.content }),
  })
  deps.servers.rememberNonce(request.url.origin, response, deps.now())
  // Only answers to a token request: those of a PDS may come from a cache, with the date of another day.
  if (kind === 'token') deps.servers.rememberClock(request.url.origin, response, deps.now())
  return response
}

/** A DPoP proof (RFC 9449 §4.2). `ath` is for the PDS only: authorization servers refuse it. */
function createProof(request: DpopRequest, nonce: string | undefined, nowMs: number): string {
  const claims = {
    jti: randomToken(),
    htm: request.method,
    htu: request.url.origin + request.url.pathname,
    iat: Math.floor(nowMs / 1000),
    ...(nonce !== undefined && { nonce }),
    ...(request.accessToken !== undefined && { ath: sha256(request.accessToken) }),
  }
  return request.key.sign({ typ: 'dpop+jwt', jwk: { ...request.key.publicJwk } }, claims)
}

/** An authorization server asks for a nonce in JSON with 400 (RFC 9449 §8), a PDS in the challenge with 401 (§9). */
async function wantsNonce(response: Response, kind: RequestKind): Promise<boolean> {
  if (response.status !== 400 && response.status !== 401) return false
  if (hasChallenge(response, 'use_dpop_nonce')) return true
  if (kind !== 'token') return false
  const text = await response.clone().text()
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'error' in body && body.error === 'use_dpop_nonce'
  } catch {
    // Not JSON, so not a nonce error; the caller reads the same body and throws.
    return false
  }
}
