/** A shared cache in memory whose rows the test can see. It ignores times to live. */
import type { SharedCache } from '../../../lib/identity/cache.ts'

export interface TestSharedCache extends SharedCache {
  readonly rows: Map<string, unknown>
  /** The keys that were read and written, in order. */
  readonly reads: string[]
  readonly writes: string[]
}

export function createTestSharedCache(): TestSharedCache {
  const rows = new Map<string, unknown>()
  const [reads, writes]: [string[], string[]] = [[], []]
  return {
    rows,
    reads,
    writes,
    async read(key) {
      reads.push(key)
      return rows.get(key)
    },
    async write(key, value) {
      writes.push(key)
      rows.set(key, JSON.parse(JSON.stringify(value)))
    },
  }
}
