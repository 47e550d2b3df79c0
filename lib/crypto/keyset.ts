/**
 * ES256 keys: the client's own key set, which signs client assertions and is published as JWKS (RFC 7517), and
 * the DPoP keys, one per session. Imported CryptoKeys are kept, because importing costs more than signing.
 */
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { BoundedMap } from '../bounded-map.ts'
import { ConfigurationError } from '../errors.ts'
import { parseClientJwk, privateJwkSchema } from './jwk.ts'
import { createSigner, type SignJwt } from './jwt.ts'
import { keysIn } from './key-text.ts'

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

/** A public key as DPoP proofs show it: P-256, or secp256k1 where the official client began the session. */
export interface PublicDpopJwk extends Omit<PublicJwk, 'crv'> {
  readonly crv: 'P-256' | 'secp256k1'
}

/** A private DPoP key. To be stored sealed. */
export interface DpopJwk extends PublicDpopJwk {
  readonly d: string
}

/** A private key ready to sign, with its public half as it is shown to servers. */
export interface SigningKey {
  readonly sign: SignJwt
  readonly publicJwk: PublicDpopJwk
  /** RFC 7638 thumbprint of the public key. */
  readonly jkt: string
}

/**
 * A key of the client, by the id under which servers find it in the JWKS. The private half stays inside
 * `importKey`: whoever prints a key set shows nothing of it.
 */
export interface ClientKey {
  readonly kid: string
  readonly publicJwk: PublicJwk
  /** @throws ConfigurationError when the halves do not belong together */
  readonly importKey: () => Promise<SigningKey>
}

export interface Keyset {
  /** The key that new sign-ins use. */
  readonly active: ClientKey
  /** The key of that id, or undefined when it is not configured (any more). */
  find(kid: string): ClientKey | undefined
  /** The JWKS to publish: public members only. */
  readonly publicJwks: { readonly keys: readonly PublishedJwk[] }
}

/** A JWK as it was read from somewhere: what it holds is checked. */
export interface UncheckedJwk {
  readonly kty: string
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly d?: string | undefined
  readonly kid?: string | undefined
  readonly alg?: string | undefined
  readonly use?: string | undefined
  readonly key_ops?: readonly string[] | undefined
}

/** A private key to make a key set of: a JWK, a `JoseKey` of this library, or a `Key` of @atproto/jwk. */
export type ClientKeyInput =
  | UncheckedJwk
  | { readonly kid?: string | undefined; readonly privateJwk: object | undefined }

const KEYS_MAX = 16

/** A new private P-256 key. */
export async function generatePrivateJwk(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return parsePrivateJwk(await exportJWK(privateKey))
}

/** The private JWK in `value`: only its EC members, whatever else it carried. Throws a ZodError. */
export function parsePrivateJwk(value: unknown): PrivateJwk {
  return privateJwkSchema.parse(value)
}

const IMPORTED_MAX = 1_000
const imported = new BoundedMap<string, Promise<SigningKey>>(IMPORTED_MAX)

/** The signing key of a private JWK. The last thousand imports are kept. */
export function importSigningKey(jwk: DpopJwk): Promise<SigningKey> {
  // By both halves: a private half alone would answer for a public one that is not its own.
  const id = [jwk.x, jwk.y, jwk.d].join()
  const cached = imported.get(id)
  if (cached) return cached
  const key = readKey(jwk)
  imported.set(id, key)
  key.catch(() => imported.delete(id))
  return key
}

async function readKey({ kty, crv, x, y, d }: DpopJwk): Promise<SigningKey> {
  const publicJwk: PublicDpopJwk = { kty, crv, x, y }
  const jkt = await calculateJwkThumbprint({ ...publicJwk })
  return { sign: createSigner({ ...publicJwk, d }), publicJwk, jkt }
}

/**
 * The client's key set, at once; that private and public half of a key belong together shows when it signs.
 *
 * @param keys the first signs, all are published; a key set of @atproto/jwk is such a list
 * @throws ConfigurationError when they are not ES256 private keys with ids of their own
 */
export function createKeyset(keys: Iterable<ClientKeyInput | null | undefined | false>): Keyset {
  const given = [...keys].filter((key) => key !== null && key !== undefined && key !== false)
  return keysetOf(given.map((key, index) => readKeyed(key, index)))
}

function readKeyed(key: unknown, index: number): KeyedJwk {
  const { jwk, kid } = parseClientJwk(key, nameOf(index))
  if (kid !== undefined) return { jwk, kid }
  throw new ConfigurationError(
    `${nameOf(index)} has no kid. Give it one, and never change it: sessions name their key by it.`,
  )
}

/**
 * The client's key set, checked whole. A key without `kid` is named by its RFC 7638 thumbprint.
 *
 * @param value one or more private keys, of which the first signs and all are published: what `createKeyset`
 *   takes, a JWK, a JWKS, the JSON text of these, or PEM (PKCS#8 or SEC1)
 * @throws ConfigurationError when it holds anything but ES256 private keys with ids of their own
 */
export async function importKeyset(value: unknown): Promise<Keyset> {
  const keys = await keysIn(value)
  const parsed = keys.map((key, index) => parseClientJwk(key, nameOf(index)))
  const named = parsed.map(async ({ jwk, kid }) => {
    const { jkt } = await importClientKey(jwk)
    return { jwk, kid: kid ?? jkt }
  })
  return keysetOf(await Promise.all(named))
}

interface KeyedJwk {
  readonly jwk: PrivateJwk
  readonly kid: string
}

function keysetOf(jwks: readonly KeyedJwk[]): Keyset {
  const keys = jwks.map(toClientKey)
  const [active] = keys
  if (!active || keys.length > KEYS_MAX)
    throw new ConfigurationError(`A confidential client needs 1 to ${KEYS_MAX} keys; ${keys.length} came.`)
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
    throw new ConfigurationError('Each client key needs a kid of its own.')
  return {
    active,
    find: (kid) => keys.find((key) => key.kid === kid),
    publicJwks: { keys: keys.map(publish) },
  }
}

function toClientKey({ jwk, kid }: KeyedJwk): ClientKey {
  const { kty, crv, x, y } = jwk
  return { kid, publicJwk: { kty, crv, x, y }, importKey: () => importClientKey(jwk) }
}

async function importClientKey(jwk: PrivateJwk): Promise<SigningKey> {
  try {
    return await importSigningKey(jwk)
  } catch (cause) {
    throw new ConfigurationError('A client key is not a valid point of P-256.', { cause })
  }
}

function publish(key: ClientKey): PublishedJwk {
  return { ...key.publicJwk, kid: key.kid, alg: 'ES256', use: 'sig' }
}

function nameOf(index: number): string {
  return `Client key ${index + 1}`
}
