/** A shelf in memory, open to the test; its times to live are not kept. */
import type { Shelf } from '../../../lib/identity/cache.ts'

export interface TestShelf extends Shelf {
  readonly rows: Map<string, unknown>
  /** The keys that were read and written, in order. */
  readonly reads: string[]
  readonly writes: string[]
}

export function createTestShelf(): TestShelf {
  const rows = new Map<string, unknown>()
  const [reads, writes]: [string[], string[]] = [[], []]
  return {
    ...{ rows, reads, writes },
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
