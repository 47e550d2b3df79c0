/**
 * The signers of JWTs for DPoP proofs and client assertions (RFC 7519, RFC 7515): ES256 by Web Crypto, and ES256K
 * (RFC 8812) by Node for the DPoP keys of sessions that the official client began. It prefers secp256k1, which
 * neither Web Crypto nor jose signs with; keys of our own are P-256.
 */
import type { JWTPayload } from 'jose'
import * as base64url from 'jose/base64url'
import { SignJWT } from 'jose/jwt/sign'

/** The compact JWS of `claims`; `header` adds to `alg`. */
export type SignJwt = (
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<JWTPayload>,
) => Promise<string>

/** Signs with a private P-256 key. */
export function createEs256Signer(key: CryptoKey): SignJwt {
  return (header, claims) => new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(key)
}

/** Signs with a private secp256k1 key. */
export async function createEs256kSigner(jwk: object): Promise<SignJwt> {
  // Only where such a session turns up: no other runtime than Node has to know the module.
  const { createPrivateKey, sign } = await import('node:crypto')
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const encode = (value: object) => base64url.encode(JSON.stringify(value))
  return async (header, claims) => {
    const input = `${encode({ ...header, alg: 'ES256K' })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
    return `${input}.${base64url.encode(signature)}`
  }
}
