/** Proof Key for Code Exchange with S256, the only method of the profile (RFC 7636). */
import { randomToken } from '../../crypto/derive.ts'
import { sha256 } from '../../crypto/hash.ts'

export interface Pkce {
  /** 43 characters, 256 random bits. */
  readonly verifier: string
  readonly challenge: string
}

/** A new verifier with its challenge: one pair for each sign-in. */
export function createPkce(): Pkce {
  const verifier = randomToken()
  return { verifier, challenge: challengeOf(verifier) }
}

/** BASE64URL(SHA256(ASCII(verifier))) (RFC 7636 §4.2). */
export function challengeOf(verifier: string): string {
  return sha256(verifier)
}
