/** What the scripted servers demand of a request: DPoP proofs (RFC 9449 §4.3) and client assertions (RFC 7523 §3). */
import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, createLocalJWKSet, EmbeddedJWK, type JSONWebKeySet, jwtVerify } from 'jose'
import type { RecordedRequest } from './scripted-server.ts'
import type { ServerTraits } from './server-traits.ts'

/** Why a request is refused, in the words of the wire. */
export class Refusal extends Error {
  readonly error: string

  constructor(error: string, message: string) {
    super(message)
    this.error = error
  }
}

/** The nonces of one server. */
export interface NonceBook {
  /** The newest; sent with every answer. */
  current(): string
  accepts(nonce: unknown): boolean
  /** From now on only new ones are accepted. */
  rotate(): void
}

export interface NonceOptions {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly traits?: ServerTraits | undefined
}

export function createNonceBook({ now, traits = {} }: NonceOptions): NonceBook {
  const { nonceLifetimeMs, acceptsNoNonce = false } = traits
  const issue = () => ({ nonce: `nonce-${randomUUID()}`, issuedAt: now() })
  let all = [issue()]
  const isAlive = ({ issuedAt }: { readonly issuedAt: number }) =>
    nonceLifetimeMs === undefined || now() - issuedAt <= nonceLifetimeMs
  return {
    current() {
      const newest = all.at(-1)
      // Where nonces end by themselves, each moment has its own.
      if (newest && (nonceLifetimeMs === undefined || newest.issuedAt === now())) return newest.nonce
      const next = issue()
      all.push(next)
      return next.nonce
    },
    accepts: (nonce) =>
      nonce === undefined ? acceptsNoNonce : all.some((entry) => entry.nonce === nonce && isAlive(entry)),
    rotate() {
      all = [issue()]
    },
  }
}

/** What a server knows when it looks at a proof. */
export interface ProofRules {
  readonly nonces: Pick<NonceBook, 'accepts'>
  readonly seenJtis: Set<unknown>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The token whose hash has to be in the proof; without one no hash may be there. */
  readonly accessToken?: string | undefined
}

/**
 * The RFC 7638 thumbprint of the key that a request is bound to.
 *
 * @throws Refusal `invalid_dpop_proof` or `use_dpop_nonce`
 */
export async function checkProof(request: RecordedRequest, rules: ProofRules): Promise<string> {
  const bad = (problem: string) => new Refusal('invalid_dpop_proof', problem)
  const { dpop } = request.headers
  if (typeof dpop !== 'string') throw bad('one DPoP header is expected')
  const { payload, protectedHeader } = await jwtVerify(dpop, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
    currentDate: new Date(rules.now()),
    requiredClaims: ['jti', 'htm', 'htu', 'iat'],
  }).catch((error: unknown) => Promise.reject(bad(`the signature or a claim is wrong: ${error}`)))
  const { jwk } = protectedHeader
  if (!jwk || 'd' in jwk) throw bad('a public jwk is expected')
  if ('iss' in payload) throw bad('iss has no place here')
  if (rules.seenJtis.has(payload.jti)) throw bad('the jti was used before')
  rules.seenJtis.add(payload.jti)
  if (payload.htm !== request.method) throw bad('htm is another method')
  if (payload.htu !== request.origin + request.path) throw bad('htu is another URL')
  const age = rules.now() / 1000 - (payload.iat ?? 0)
  // The window of the reference server.
  if (age > 190 || age < -180) throw bad('iat is too far away')
  const ath = rules.accessToken && createHash('sha256').update(rules.accessToken).digest('base64url')
  if (payload.ath !== ath) throw bad(ath ? 'ath is another token' : 'ath has no place here')
  if (!rules.nonces.accepts(payload.nonce)) throw new Refusal('use_dpop_nonce', 'another nonce is needed')
  return calculateJwkThumbprint(jwk)
}

export interface AssertionRules {
  readonly issuer: string
  readonly jwks: JSONWebKeySet | undefined
  readonly seenJtis: Set<unknown>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * The id of the key that authenticated the client; undefined for a public client. As the reference server does,
 * no time in the future is tolerated.
 *
 * @throws Refusal `invalid_client`
 */
export async function checkClient(form: URLSearchParams, rules: AssertionRules): Promise<string | undefined> {
  const bad = (problem: string) => new Refusal('invalid_client', problem)
  const clientId = form.get('client_id')
  const assertion = form.get('client_assertion')
  if (form.has('client_secret')) throw bad('there are no client secrets')
  if (!clientId) throw bad('client_id is missing')
  if (clientId.startsWith('http://localhost') && assertion === null) return undefined
  if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    throw bad('client_assertion_type is wrong')
  const { payload, protectedHeader } = await jwtVerify(
    assertion ?? '',
    createLocalJWKSet(rules.jwks ?? { keys: [] }),
    {
      issuer: clientId,
      subject: clientId,
      audience: rules.issuer,
      algorithms: ['ES256'],
      currentDate: new Date(rules.now()),
      maxTokenAge: 60,
      requiredClaims: ['jti', 'exp', 'iat'],
    },
  ).catch((error: unknown) => Promise.reject(bad(`the assertion is wrong: ${error}`)))
  if ((payload.iat ?? 0) > rules.now() / 1000) throw bad('iat is in the future')
  if (payload.aud !== rules.issuer) throw bad('aud is not the issuer alone')
  if (rules.seenJtis.has(payload.jti)) throw bad('the jti was used before')
  rules.seenJtis.add(payload.jti)
  if (!protectedHeader.kid) throw bad('kid is missing')
  return protectedHeader.kid
}
