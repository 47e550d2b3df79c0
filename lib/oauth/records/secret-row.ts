/**
 * A row that tells whether a store was used with another secret. Its key does not depend on the secret, so that it is
 * still found after the secret was replaced, and does not open then. It holds nothing of a user.
 */
import { z } from 'zod'
import { sha256 } from '../../crypto/hash.ts'
import { createSealer, keyIdOf, namesKnownKey } from '../../crypto/seal.ts'
import type { Store } from '../../store/contract.ts'

export interface SecretRowDeps {
  readonly store: Store
  /** Newest first. */
  readonly secrets: readonly [string, ...string[]]
  /** The address of the application. Each one that uses a store has a row of its own. */
  readonly publicUrl: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * What the row says. `absent`: nothing, because it is not there, was altered, or is of another version. `fresh`: the
 * newest secret sealed it less than a day ago. `due`: it opens, but has to be written again. `other_secret`: the store
 * was last used with a secret that is not configured.
 */
export type SecretUse = 'absent' | 'fresh' | 'due' | 'other_secret'

/** Both methods throw StoreUnavailableError. */
export interface SecretRow {
  read(): Promise<SecretUse>
  /** Writes it with the newest secret, so that it outlives every session of the next day. */
  write(sessionLifetimeMs: number): Promise<void>
}

/** How often the row is written at most, and how often a process that lives long has to look at it. */
export const SECRET_ROW_FRESH_MS = 24 * 60 * 60_000

/** Part of the key, the seal and its label: never changes. */
const KIND = 'secret'

const rowSchema = z.object({
  version: z.literal(1),
  /** Epoch milliseconds. */
  writtenAt: z.number(),
})

export function createSecretRow({ store, secrets, publicUrl, now }: SecretRowDeps): SecretRow {
  const label = `${KIND} row`
  const sealer = createSealer(secrets, label)
  const newest = createSealer([secrets[0]], label)
  const hash = sha256(publicUrl)
  const key = `${KIND}:${hash}`
  const context = [KIND, publicUrl, hash]
  return {
    async read() {
      const stored = await store.get(key)
      if (!stored) return 'absent'
      const row = rowSchema.safeParse(await sealer.open(stored.value, context)).data
      if (!row) return (await namesKnownKey(stored.value, sealer)) ? 'absent' : 'other_secret'
      const isFresh = Math.abs(now() - row.writtenAt) < SECRET_ROW_FRESH_MS
      return isFresh && (await newest.hasKey(keyIdOf(stored.value))) ? 'fresh' : 'due'
    },
    async write(sessionLifetimeMs) {
      const row = { version: 1, writtenAt: now() }
      // A process looks once a day, and a day later the row that it then saw may already have been a day old.
      const ttlMs = sessionLifetimeMs + 2 * SECRET_ROW_FRESH_MS
      await store.set(key, await newest.seal(row, context), ttlMs)
    },
  }
}

/** What `other_secret` means, for the log and for `doctor`. */
export function otherSecretAt(publicUrl: string): { readonly message: string; readonly fix: string } {
  return {
    message: `The store was used with another ATPROTO_SECRET for ${publicUrl}: users who signed in with it have to sign in again.`,
    fix: 'If that was not meant, put the old secret behind the new one, separated by a comma: see "Rotate the secret" in docs/operations.md.',
  }
}
