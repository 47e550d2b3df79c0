/**
 * Store keys that do not show whose entry it is. They are a keyed hash (HMAC-SHA-256), because an unkeyed hash of a
 * public name could be found by trying names.
 */
import { createSecretKey } from 'node:crypto'
import { deriveKeys } from './derive.ts'
import { hmacSha256 } from './hash.ts'

/** Returns the store keys for a value, one for each secret, newest first. Write under the first, read all. */
export type BlindIndex = (value: string) => Promise<readonly string[]>

/**
 * Creates a blind index.
 *
 * @param secrets newest first
 * @param label the purpose; a different label gives unrelated keys
 */
export function createBlindIndex(secrets: readonly [string, ...string[]], label: string): BlindIndex {
  // Imported once: that takes longer than the hash.
  const importKeys = async () => (await deriveKeys(secrets, label)).map(({ bytes }) => createSecretKey(bytes))
  let keys: ReturnType<typeof importKeys> | undefined
  return async (value) => {
    keys ??= importKeys()
    return (await keys).map((key) => hmacSha256(key, value))
  }
}
