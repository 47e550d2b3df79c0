/**
 * Signs the JWTs of this library: DPoP proofs and client assertions (RFC 7519, RFC 7515). It uses node:crypto, which
 * signs three times as fast as Web Crypto, and every call needs a proof. Sessions that the official client began have
 * secp256k1 keys, which Web Crypto does not support.
 */
import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto'
import * as base64url from 'jose/base64url'

/** Returns the compact JWS of `claims`. `alg` is added to `header`. */
export type SignJwt = (
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
) => string

const algorithms = { 'P-256': 'ES256', secp256k1: 'ES256K' } as const

/**
 * Creates a signer for a private key.
 *
 * @throws TypeError when the private and the public half do not belong together
 */
export function createSigner(jwk: JsonWebKey & { readonly crv: keyof typeof algorithms }): SignJwt {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const signBytes = (data: Uint8Array) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  if (!isPair(jwk, signBytes))
    throw new TypeError('The private and public halves of the key do not belong together.')
  const alg = algorithms[jwk.crv]
  return (header, claims) => {
    const input = `${encode({ ...header, alg })}.${encode(claims)}`
    return `${input}.${base64url.encode(signBytes(Buffer.from(input)))}`
  }
}

/** Node does not check the public half of a JWK. With a wrong one, servers would refuse every signature. */
function isPair({ d: _, ...jwk }: JsonWebKey, signBytes: (data: Uint8Array) => Uint8Array): boolean {
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const probe = Buffer.from('probe')
  return verify('sha256', probe, { key, dsaEncoding: 'ieee-p1363' }, signBytes(probe))
}

function encode(part: object): string {
  return base64url.encode(JSON.stringify(part))
}
