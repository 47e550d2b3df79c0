/**
 * Signs the JWTs of this library: DPoP proofs and client assertions (RFC 7519, RFC 7515). It uses node:crypto, which
 * signs three times as fast as Web Crypto, and every call needs a proof. Sessions that the official client began have
 * secp256k1 keys, which Web Crypto does not support.
 */
import { createECDH, createPrivateKey, type JsonWebKey, sign } from 'node:crypto'

/** Returns the compact JWS of `claims`. `alg` is added to `header`. */
export type SignJwt = (
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
) => string

/** `curve` is OpenSSL's name. */
const curves = {
  'P-256': { alg: 'ES256', curve: 'prime256v1' },
  secp256k1: { alg: 'ES256K', curve: 'secp256k1' },
} as const
/** Of a coordinate, and of each half of a signature, on both curves. */
const BYTES = 32

/**
 * Creates a signer for a private key. The key can be used through it, and not be read.
 *
 * @throws TypeError when the private and the public half do not belong together
 */
export function createSigner(jwk: JsonWebKey & { readonly crv: keyof typeof curves }): SignJwt {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const { alg, curve } = curves[jwk.crv]
  if (!isPair(jwk, curve))
    throw new TypeError('The private and public halves of the key do not belong together.')
  return (header, claims) => {
    const input = `${encode({ ...header, alg })}.${encode(claims)}`
    // With the option `dsaEncoding`, Node takes more than twice as long: it tries what the options may be by exceptions.
    return `${input}.${joseSignature(sign('sha256', Buffer.from(input), key))}`
  }
}

/** Node does not check the public half of a JWK. With a wrong one, servers would refuse every signature. */
function isPair({ d = '', x = '', y = '' }: JsonWebKey, curve: string): boolean {
  const pair = createECDH(curve)
  pair.setPrivateKey(d, 'base64url')
  const point = pair.getPublicKey()
  return point.subarray(1).equals(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]))
}

/**
 * An ECDSA signature in JOSE's form, r and s in 32 bytes each (RFC 7518 §3.4), from that of OpenSSL: DER of a sequence of
 * two integers (RFC 3279 §2.2.3), each as short as it can be and with a zero before a first bit that is set.
 */
function joseSignature(der: Buffer): string {
  const signature = Buffer.alloc(2 * BYTES)
  // Tag and length of the sequence, then of each integer. All lengths are below 128, so each is one byte.
  let at = 2
  for (const end of [BYTES, 2 * BYTES]) {
    const next = at + 2 + der.readUInt8(at + 1)
    const integer = der.subarray(Math.max(at + 2, next - BYTES), next)
    signature.set(integer, end - integer.length)
    at = next
  }
  return signature.toString('base64url')
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
