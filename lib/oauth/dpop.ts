/** DPoP (RFC 9449): proofs, the servers' nonces, and the one retry when a server wants a fresh nonce. */
import { randomToken, sha256 } from '../crypto/derive.ts'
import { signJwt } from '../crypto/jwt.ts'
import type { SigningKey } from '../crypto/keyset.ts'
import type { GuardedFetch, RequestKind } from '../net/guarded-fetch.ts'
import { hasChallenge } from './challenge.ts'

/** The newest nonce of each server origin; nothing in it belongs to one user. */
export interface NonceCache {
  get(origin: string): string | undefined
  /** Keeps the nonce of a response, whatever its status (RFC 9449 §8.2). */
  remember(origin: string, response: Response): void
}

/** RFC 9449 §8.1: NQCHAR; the length is ours, so that no server fills our memory. */
const noncePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/
const MAX_ORIGINS = 1_000

/** An empty cache for at most a thousand origins; the one unused longest gives way. */
export function createNonceCache(): NonceCache {
  const nonces = new Map<string, string>()
  return {
    get: (origin) => nonces.get(origin),
    remember(origin, response) {
      const nonce = response.headers.get('dpop-nonce')
      if (nonce === null || !noncePattern.test(nonce)) return
      nonces.delete(origin)
      nonces.set(origin, nonce)
      const oldest = nonces.size > MAX_ORIGINS ? nonces.keys().next().value : undefined
      if (oldest !== undefined) nonces.delete(oldest)
    },
  }
}

export interface DpopRequest {
  readonly url: URL
  readonly method: string
  readonly kind: RequestKind
  readonly key: SigningKey
  /** For requests to the PDS: sent as `Authorization: DPoP`, its hash in the proof. */
  readonly accessToken?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Headers and body of one attempt; called anew for the retry, so that a client assertion is never reused. */
  build(): Promise<{ readonly headers: Headers; readonly body?: string | Uint8Array | undefined }>
}

export interface DpopDeps {
  readonly fetch: GuardedFetch
  readonly nonces: NonceCache
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Sends a request with a DPoP proof, and once more when the server asks for another nonce. */
export async function fetchWithDpop(request: DpopRequest, deps: DpopDeps): Promise<Response> {
  const { origin } = request.url
  const usedNonce = deps.nonces.get(origin)
  const response = await attempt(request, usedNonce, deps)
  const nextNonce = deps.nonces.get(origin)
  if (nextNonce === undefined || nextNonce === usedNonce) return response
  if (!(await wantsNonce(response, request.kind))) return response
  await response.body?.cancel()
  return attempt(request, nextNonce, deps)
}

async function attempt(request: DpopRequest, nonce: string | undefined, deps: DpopDeps): Promise<Response> {
  const { headers, body } = await request.build()
  headers.set('dpop', await createProof(request, nonce, deps.now()))
  if (request.accessToken !== undefined) headers.set('authorization', `DPoP ${request.accessToken}`)
  const { method, kind, signal } = request
  const response = await deps.fetch(request.url, {
    kind,
    method,
    headers,
    signal,
    ...(body !== undefined && { body }),
  })
  deps.nonces.remember(request.url.origin, response)
  return response
}

/** A DPoP proof (RFC 9449 §4.2). `ath` is there for the PDS only: authorization servers refuse it. */
async function createProof(request: DpopRequest, nonce: string | undefined, nowMs: number): Promise<string> {
  const claims = {
    jti: randomToken(),
    htm: request.method,
    htu: request.url.origin + request.url.pathname,
    iat: Math.floor(nowMs / 1000),
    ...(nonce !== undefined && { nonce }),
    ...(request.accessToken !== undefined && { ath: await sha256(request.accessToken) }),
  }
  return signJwt(request.key, { typ: 'dpop+jwt', jwk: { ...request.key.publicJwk } }, claims)
}

/** An authorization server says it in JSON with 400 (RFC 9449 §8), a PDS in the challenge with 401 (§9). */
async function wantsNonce(response: Response, kind: RequestKind): Promise<boolean> {
  if (response.status !== 400 && response.status !== 401) return false
  if (hasChallenge(response, 'use_dpop_nonce')) return true
  if (kind !== 'token') return false
  const text = await response.clone().text()
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'error' in body && body.error === 'use_dpop_nonce'
  } catch {
    // Not JSON, so not a nonce error; the caller reads the same body and complains.
    return false
  }
}
