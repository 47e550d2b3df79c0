/**
 * Names for entries of a store that belong to somebody, made so that the store does not show to whom: a keyed
 * hash (HMAC-SHA-256), because a bare one of a public name could be tried out.
 */
import { deriveKeys } from './derive.ts'
import { hmacSha256 } from './hash.ts'

/** The names of one value, one for each secret, the newest first: the first is written, all are read. */
export type BlindIndex = (value: string) => Promise<readonly string[]>

/**
 * @param secrets newest first
 * @param label the purpose; another one gives unrelated names
 */
export function createBlindIndex(secrets: readonly [string, ...string[]], label: string): BlindIndex {
  let derived: ReturnType<typeof deriveKeys> | undefined
  return async (value) => {
    derived ??= deriveKeys(secrets, label)
    return (await derived).map(({ bytes }) => hmacSha256(bytes, value))
  }
}
