/**
 * ES256 keys: the client's key set, which signs client assertions and is published as JWKS (RFC 7517), and the DPoP
 * keys, one for each session. Imported keys are cached, because importing takes longer than signing.
 */
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { ConfigurationError } from '../errors.ts'
import { ExpiringMap } from '../expiring-map.ts'
import { sha256 } from './hash.ts'
import { parseClientJwk, privateJwkSchema } from './jwk.ts'
import { createSigner, type SignJwt } from './jwt.ts'
import { keysIn } from './read-private-keys.ts'

/** A public P-256 key as JWK (RFC 7518 §6.2.1). */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** A private P-256 key as JWK (RFC 7518 §6.2.2). Store it sealed. */
export interface PrivateJwk extends PublicJwk {
  readonly d: string
}

/** A public key as it is published in the client's JWKS. */
export interface PublishedJwk extends PublicJwk {
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** A public key as in DPoP proofs: P-256, or secp256k1 if the official client began the session. */
export interface PublicDpopJwk extends Omit<PublicJwk, 'crv'> {
  readonly crv: 'P-256' | 'secp256k1'
}

/** A private DPoP key. Store it sealed. */
export interface DpopJwk extends PublicDpopJwk {
  readonly d: string
}

/** A private key that is ready to sign, with the public key that servers see. */
export interface SigningKey {
  readonly sign: SignJwt
  readonly publicJwk: PublicDpopJwk
  /** RFC 7638 thumbprint of the public key. */
  readonly jkt: string
}

/**
 * A key of the client, with the id by which servers find it in the JWKS. The private half is only reachable through
 * `importKey`, so that printing a key set does not show it.
 */
export interface ClientKey {
  readonly kid: string
  readonly publicJwk: PublicJwk
  /** @throws ConfigurationError when the private and public halves do not belong together */
  readonly importKey: () => Promise<SigningKey>
}

export interface Keyset {
  /** The key for new sign-ins. */
  readonly active: ClientKey
  /** Returns the key with that id, or undefined when it is not, or no longer, configured. */
  find(kid: string): ClientKey | undefined
  /** The JWKS to publish. It contains public members only. */
  readonly publicJwks: { readonly keys: readonly PublishedJwk[] }
}

/** A JWK whose members have not been validated yet. */
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

/** A private key for a key set: a JWK, a `JoseKey` of this library, or a `Key` of @atproto/jwk. */
export type ClientKeyInput =
  | UncheckedJwk
  | { readonly kid?: string | undefined; readonly privateJwk: object | undefined }

const KEYS_MAX = 16

/** Generates a private P-256 key. */
export async function generatePrivateJwk(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return parsePrivateJwk(await exportJWK(privateKey))
}

/** Parses a private JWK and keeps only its EC members. Throws a ZodError. */
export function parsePrivateJwk(value: unknown): PrivateJwk {
  return privateJwkSchema.parse(value)
}

const IMPORTED_MAX = 1_000
const IMPORTED_MS = 5 * 60_000
const imported = new ExpiringMap<string, Promise<SigningKey>>(IMPORTED_MAX, IMPORTED_MS)

/**
 * Imports a private JWK for signing. The last 1,000 imports are kept for five minutes each. The key can be used, and not
 * be read: it is in no member of the result.
 */
export function importSigningKey(jwk: DpopJwk): Promise<SigningKey> {
  const id = importIdOf(jwk)
  const known = imported.get(id)
  if (known) return known
  const key = readSigningKey(jwk)
  imported.set(id, key)
  key.catch(() => imported.delete(id))
  return key
}

/** Drops an imported key whose session has ended. */
export function forgetSigningKey(jwk: DpopJwk): void {
  imported.delete(importIdOf(jwk))
}

/** A hash of both halves: with one alone, a key would be found for a public half that does not belong to it. */
function importIdOf({ x, y, d }: DpopJwk): string {
  return sha256([x, y, d].join())
}

/** Imports a private JWK for signing once more, without keeping the result. */
export async function readSigningKey({ kty, crv, x, y, d }: DpopJwk): Promise<SigningKey> {
  const publicJwk: PublicDpopJwk = { kty, crv, x, y }
  // RFC 7638 §3: these members, in this order, without white space.
  const jkt = sha256(JSON.stringify({ crv, kty, x, y }))
  return { sign: createSigner({ ...publicJwk, d }), publicJwk, jkt }
}

/**
 * Creates the client's key set synchronously. Whether the private and public halves of a key belong together is only
 * checked when the key signs; `importKeyset` checks it at once.
 *
 * @param keys private keys with different ids. The first signs, all are published. A `Keyset` of @atproto/jwk is such a
 *   list; null, undefined and false are skipped.
 * @throws ConfigurationError when they are not 1 to 16 ES256 private keys with different ids
 */
export function createKeyset(keys: Iterable<ClientKeyInput | null | undefined | false>): Keyset {
  const present = [...keys].filter((key) => key !== null && key !== undefined && key !== false)
  return keysetOf(present.map((key, index) => parseKeyWithId(key, index)))
}

function parseKeyWithId(key: unknown, index: number): JwkWithId {
  const { jwk, kid } = parseClientJwk(key, nameOf(index))
  if (kid !== undefined) return { jwk, kid }
  throw new ConfigurationError(
    `${nameOf(index)} has no kid. Give it one and never change it: sessions refer to their key by its kid.`,
  )
}

/**
 * Imports the client's key set and checks it completely. A key without `kid` gets its RFC 7638 thumbprint as id.
 *
 * @param value one or more private keys, of which the first signs and all are published: what `createKeyset` accepts, a
 *   JWK, a JWKS, the JSON text of these, or PEM (PKCS#8 or SEC1)
 * @throws ConfigurationError when it is not 1 to 16 ES256 private keys with different ids
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

interface JwkWithId {
  readonly jwk: PrivateJwk
  readonly kid: string
}

function keysetOf(jwks: readonly JwkWithId[]): Keyset {
  const keys = jwks.map(toClientKey)
  const [active] = keys
  if (!active || keys.length > KEYS_MAX)
    throw new ConfigurationError(`A confidential client needs 1 to ${KEYS_MAX} keys, got ${keys.length}.`)
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
    throw new ConfigurationError('Each client key needs a different kid.')
  return {
    active,
    find: (kid) => keys.find((key) => key.kid === kid),
    publicJwks: { keys: keys.map(publish) },
  }
}

function toClientKey({ jwk, kid }: JwkWithId): ClientKey {
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
