/**
 * ES256 keys: the client's own key set, which signs client assertions and is published as JWKS (RFC 7517), and
 * the DPoP keys, one per session. Imported CryptoKeys are kept, because importing costs more than signing.
 */
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { importJWK } from 'jose/key/import'
import { z } from 'zod'
import { ConfigurationError } from '../errors.ts'

/** A public P-256 key as JWK (RFC 7518 §6.2.1). */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** A private P-256 key as JWK (RFC 7518 §6.2.2). To be stored sealed. */
export interface PrivateJwk extends PublicJwk {
  readonly d: string
}

/** A public key as the client publishes it. */
export interface PublishedJwk extends PublicJwk {
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** A private ES256 key ready to sign, with its public half as it is shown to servers. */
export interface SigningKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: PublicJwk
  /** RFC 7638 thumbprint of the public key. */
  readonly jkt: string
}

/** A key of the client: a signing key with the id under which servers find it in the JWKS. */
export interface ClientKey extends SigningKey {
  readonly kid: string
}

export interface Keyset {
  /** The key that new sign-ins use. */
  readonly active: ClientKey
  /** The key of that id, or undefined when it is not configured (any more). */
  find(kid: string): ClientKey | undefined
  /** The JWKS to publish: public members only. */
  readonly publicJwks: { readonly keys: readonly PublishedJwk[] }
}

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const privateJwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
  kid: z.string().min(1).max(256).optional(),
})
const keysSchema = z.union([
  z.object({ keys: z.array(privateJwkSchema).min(1).max(16) }).transform((set) => set.keys),
  z.array(privateJwkSchema).min(1).max(16),
  privateJwkSchema.transform((jwk) => [jwk]),
])

/** A new private P-256 key. */
export async function generatePrivateJwk(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return parsePrivateJwk(await exportJWK(privateKey))
}

/** The private JWK in `value`: only its EC members, whatever else it carried. Throws a ZodError. */
export function parsePrivateJwk(value: unknown): PrivateJwk {
  const { kid: _kid, ...jwk } = privateJwkSchema.parse(value)
  return jwk
}

const imported = new Map<string, Promise<SigningKey>>()
const IMPORTED_MAX = 1_000

/** The signing key of a private JWK. The last thousand imports are kept. */
export function importSigningKey(jwk: PrivateJwk): Promise<SigningKey> {
  const cached = imported.get(jwk.d)
  if (cached) return cached
  const oldest = imported.size >= IMPORTED_MAX ? imported.keys().next().value : undefined
  if (oldest !== undefined) imported.delete(oldest)
  const key = readKey(jwk)
  imported.set(jwk.d, key)
  key.catch(() => imported.delete(jwk.d))
  return key
}

async function readKey(jwk: PrivateJwk): Promise<SigningKey> {
  const { kty, crv, x, y } = jwk
  const publicJwk: PublicJwk = { kty, crv, x, y }
  const privateKey = await importJWK({ ...publicJwk, d: jwk.d }, 'ES256')
  if (privateKey instanceof Uint8Array) throw new TypeError('an EC key was expected')
  return { privateKey, publicJwk, jkt: await calculateJwkThumbprint(publicJwk) }
}

/**
 * The client's key set. A key without `kid` is named by its RFC 7638 thumbprint.
 *
 * @param value a private JWK, a list of them or a JWKS; the first key signs, all are published
 * @throws ConfigurationError when it holds anything but ES256 private keys with ids of their own
 */
export async function importKeyset(value: unknown): Promise<Keyset> {
  const parsed = keysSchema.safeParse(value)
  // The complaint leaves out what was found: it is, or was meant to be, a private key.
  if (!parsed.success)
    throw new ConfigurationError('The client keys must be private P-256 (ES256) keys in JWK form.')

  const keys: ClientKey[] = []
  for (const jwk of parsed.data) {
    const key = await importSigningKey(jwk).catch((cause: unknown) => {
      throw new ConfigurationError('A client key is not a valid point of P-256.', { cause })
    })
    keys.push({ ...key, kid: jwk.kid ?? key.jkt })
  }
  const [active] = keys
  if (!active || new Set(keys.map((key) => key.kid)).size < keys.length) {
    throw new ConfigurationError('Each client key needs a kid of its own.')
  }
  return {
    active,
    find: (kid) => keys.find((key) => key.kid === kid),
    publicJwks: { keys: keys.map(publish) },
  }
}

function publish(key: ClientKey): PublishedJwk {
  return { ...key.publicJwk, kid: key.kid, alg: 'ES256', use: 'sig' }
}
