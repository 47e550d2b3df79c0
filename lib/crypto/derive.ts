/**
 * Keys derived from the application's secret (HKDF-SHA-256, RFC 5869). Each purpose has its own label, so that a key
 * for one purpose is useless for another. Runs in Node.js and on the edge.
 */
import * as base64url from 'jose/base64url'

/** A derived 256-bit key, and the short id by which sealed values name it. */
export interface DerivedKey {
  readonly kid: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * Derives the keys for one purpose, in the order of the secrets. The first one seals, all of them open.
 *
 * @param secrets newest first
 * @param label the purpose; a different label gives unrelated keys
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
  // The id is a hash of the key, so it stays the same when secrets are added or removed.
  return { kid: (await sha256Async(bytes)).slice(0, 11), bytes }
}

/** Resolves to the SHA-256 of bytes, or of the UTF-8 bytes of a text, in base64url: 43 characters, no padding. */
export async function sha256Async(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** Returns 256 random bits in base64url: 43 characters, no padding. */
export function randomToken(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
}
