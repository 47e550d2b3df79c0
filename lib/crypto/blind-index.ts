/**
 * Store keys that do not show whose entry it is. They are a keyed hash (HMAC-SHA-256), because an unkeyed hash of a
 * public name could be found by trying names.
 */
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
  let derived: ReturnType<typeof deriveKeys> | undefined
  return async (value) => {
    derived ??= deriveKeys(secrets, label)
    return (await derived).map(({ bytes }) => hmacSha256(bytes, value))
  }
}
