/**
 * Names for entries of a store that belong to somebody, made so that the store does not show to whom: a keyed
 * hash (HMAC-SHA-256), because a bare one of a public name could be tried out.
 */
import * as base64url from 'jose/base64url'
import { deriveKeys } from './derive.ts'

/** The names of one value, one for each secret, the newest first: the first is written, all are read. */
export type BlindIndex = (value: string) => Promise<readonly string[]>

/**
 * @param secrets newest first
 * @param label the purpose; another one gives unrelated names
 */
export function createBlindIndex(secrets: readonly [string, ...string[]], label: string): BlindIndex {
  let imported: Promise<readonly CryptoKey[]> | undefined
  return async (value) => {
    imported ??= importKeys(secrets, label)
    const bytes = new TextEncoder().encode(value)
    return Promise.all(
      (await imported).map(async (key) => {
        return base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)))
      }),
    )
  }
}

async function importKeys(
  secrets: readonly [string, ...string[]],
  label: string,
): Promise<readonly CryptoKey[]> {
  const keys = await deriveKeys(secrets, label)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return Promise.all(
    keys.map(({ bytes }) => crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])),
  )
}
