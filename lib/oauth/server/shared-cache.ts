/**
 * What servers said, kept in the store for all processes: their metadata and their DPoP nonces. Sealed, and under
 * names that show no host: a PDS of one's own tells its person. Nothing hangs on these rows; without them a request
 * is made that they would have saved, so trouble with the store is not passed on from here.
 */
import type { BlindIndex } from '../../crypto/blind-index.ts'
import type { Sealer } from '../../crypto/seal.ts'
import type { Shelf } from '../../identity/cache.ts'
import type { Store } from '../../store/contract.ts'

export interface ServerShelfDeps {
  readonly store: Store
  readonly sealer: Sealer
  readonly blindIndex: BlindIndex
  /** Bound into every row: a store shared by two clients mixes nothing up. */
  readonly clientId: string
}

/** How long a request waits for the store to save it another: about as long as the other would take. */
const PATIENCE_MS = 250

/** A shelf on a store: what cannot be read in a quarter of a second is absent. */
export function createServerShelf({ store, sealer, blindIndex, clientId }: ServerShelfDeps): Shelf {
  const place = async (key: string) => {
    // Of the newest secret alone: what was left under an older one is gone in minutes.
    const [hash = ''] = await blindIndex(JSON.stringify([clientId, key]))
    return { name: `server:${hash}`, context: ['server', clientId, hash] }
  }

  async function open(key: string): Promise<unknown> {
    const { name, context } = await place(key)
    const stored = await store.get(name)
    return stored && sealer.open(stored.value, context)
  }

  return {
    read: (key) => inTime(open(key)).catch(() => undefined),
    async write(key, value, ttlMs) {
      try {
        const { name, context } = await place(key)
        await store.set(name, await sealer.seal(value, context), ttlMs)
      } catch {
        // The store is down: the others ask the server themselves.
      }
    },
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, PATIENCE_MS)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
