/**
 * Seals stored rows: JWE in compact form (RFC 7516), `dir` with A256GCM. The protected header contains the id of the
 * key and a hash of the row's context, so that a sealed row can only be opened in the place it was made for.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { decryptCompact, encryptCompact, headerOf } from './compact-jwe.ts'
import { type DerivedKey, deriveKeys } from './derive.ts'
import { sha256 } from './hash.ts'

/**
 * What a row is and whose: kind of row, client id, hash of its id. It is bound to the sealed text as associated data.
 */
export type SealContext = readonly string[]

export interface Sealer {
  /** Seals the JSON of `value` with the newest key, for this context. */
  seal(value: unknown, context: SealContext): Promise<string>
  /**
   * Resolves to the sealed value, or to undefined when the text was sealed for another context or with a removed
   * secret, or was altered.
   */
  open(sealed: string, context: SealContext): Promise<unknown>
  /** Whether this sealer has the key with that id, i.e. its secret is still configured. */
  hasKey(kid: string): Promise<boolean>
}

/**
 * Creates a sealer whose keys are derived from the application's secrets.
 *
 * @param secrets newest first; the first seals, all of them open
 * @param label the purpose; rows sealed under a different label do not open
 */
export function createSealer(secrets: readonly [string, ...string[]], label: string): Sealer {
  let imported: Promise<readonly [SealingKey, ...SealingKey[]]> | undefined
  const keys = () => {
    imported ??= importKeys(secrets, label)
    return imported
  }

  return {
    async seal(value, context) {
      const [{ kid, key }] = await keys()
      const header = { alg: 'dir', enc: 'A256GCM', kid, ctx: hashOf(context) } as const
      return encryptCompact(JSON.stringify(value), header, key)
    },
    async open(sealed, context) {
      try {
        const known = await keys()
        const { plaintext, header } = decryptCompact(sealed, (kid) => keyNamed(kid, known))
        if (header.ctx !== hashOf(context)) return undefined
        return JSON.parse(plaintext)
      } catch {
        // Altered, truncated or sealed with an unknown secret: for the caller, each of these means that there is no
        // row.
        return undefined
      }
    },
    async hasKey(kid) {
      return (await keys()).some((key) => key.kid === kid)
    },
  }
}

/** A derived key, imported once because importing takes longer than sealing. */
interface SealingKey {
  readonly kid: string
  readonly key: KeyObject
}

async function importKeys(
  secrets: readonly [string, ...string[]],
  label: string,
): Promise<readonly [SealingKey, ...SealingKey[]]> {
  const [newest, ...older] = await deriveKeys(secrets, label)
  return [importKey(newest), ...older.map(importKey)]
}

function importKey({ kid, bytes }: DerivedKey): SealingKey {
  return { kid, key: createSecretKey(bytes) }
}

function keyNamed(kid: string, keys: readonly SealingKey[]): KeyObject | undefined {
  return keys.find((candidate) => candidate.kid === kid)?.key
}

/**
 * The id of the key that a text names. Only in a text that has been opened is it the one that it was sealed with: before,
 * its header is anyone's.
 *
 * @throws Error for a text of another form
 */
export function keyIdOf(sealed: string): string {
  return headerOf(sealed).kid
}

/** Whether the key that a text names is one of the sealer's, or it names none. Nothing has verified what it names. */
export async function namesKnownKey(sealed: string, sealer: Sealer): Promise<boolean> {
  try {
    return await sealer.hasKey(keyIdOf(sealed))
  } catch {
    // Not the form of a sealed text.
    return true
  }
}

function hashOf(context: SealContext): string {
  return sha256(JSON.stringify(context))
}
