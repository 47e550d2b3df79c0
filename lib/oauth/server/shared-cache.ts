/**
 * Server metadata and DPoP nonces in the store, shared by all processes. Rows are sealed, and their keys show no host
 * name, because the name of a personal PDS identifies its owner. A missing row only costs one more request, so a
 * failure of the store is not reported from here.
 */
import type { BlindIndex } from '../../crypto/blind-index.ts'
import type { Sealer } from '../../crypto/seal.ts'
import type { SharedCache } from '../../identity/cache.ts'
import type { Store } from '../../store/contract.ts'
import { inTime } from './in-time.ts'

export interface SharedCacheDeps {
  readonly store: Store
  readonly sealer: Sealer
  readonly blindIndex: BlindIndex
  /** Bound into every row, so that two clients can use one store without mixing their rows. */
  readonly clientId: string
}

/** How long to wait for the store: about as long as the request would take that the cache saves. */
const READ_LIMIT_MS = 250

/** Returns a shared cache on a store. A row that cannot be read within 250 ms counts as absent. */
export function createSharedCache({ store, sealer, blindIndex, clientId }: SharedCacheDeps): SharedCache {
  const place = async (key: string) => {
    // Only by the newest secret: rows written under an older one expire within minutes.
    const [hash = ''] = await blindIndex(JSON.stringify([clientId, key]))
    return { name: `server:${hash}`, context: ['server', clientId, hash] }
  }

  async function open(key: string): Promise<unknown> {
    const { name, context } = await place(key)
    const stored = await store.get(name)
    return stored && sealer.open(stored.value, context)
  }

  return {
    read: (key) => inTime(open(key), READ_LIMIT_MS).catch(() => undefined),
    async write(key, value, ttlMs) {
      try {
        const { name, context } = await place(key)
        await store.set(name, await sealer.seal(value, context), ttlMs)
      } catch {
        // The store is down: other processes ask the server themselves.
      }
    },
  }
}
