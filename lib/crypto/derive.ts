/**
 * Keys derived from the application's secret, one label per purpose (HKDF-SHA-256, RFC 5869), so that what
 * opens one kind of box opens no other. Runs on Node and on the edge.
 */
import * as base64url from 'jose/base64url'

/** One derived 256-bit key and the short id that names it in what it sealed. */
export interface DerivedKey {
  readonly kid: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * The keys for one purpose, in the order of the secrets: the newest first. The first seals, all of them open.
 *
 * @param secrets newest first
 * @param label what the keys are for; another label gives unrelated keys
 */
export async function deriveKeys(
  secrets: readonly [string, ...string[]],
  label: string,
): Promise<readonly [DerivedKey, ...DerivedKey[]]> {
  const [newest, ...older] = secrets
  const rest = Promise.all(older.map((secret) => deriveKey(secret, label)))
  return [await deriveKey(newest, label), ...(await rest)]
}

async function deriveKey(secret: string, label: string): Promise<DerivedKey> {
  const encoder = new TextEncoder()
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveBits'])
  const info = encoder.encode(`next-atproto-auth/1/${label}`)
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  const bytes = new Uint8Array(await crypto.subtle.deriveBits(params, material, 256))
  // The id is a hash of the key: it stays the same when secrets are added before or removed behind it.
  return { kid: (await sha256(bytes)).slice(0, 11), bytes }
}

/** The base64url SHA-256 of bytes or of a text's UTF-8 bytes: 43 characters, no padding. */
export async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** A random token of 256 bits in base64url: 43 characters, no padding. */
export function randomToken(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
}
