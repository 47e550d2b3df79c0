/** A store that has been away. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../../lib/store/contract.ts'

/** Asks until the store answers: it comes back by itself. */
export async function untilBack(store: Store): Promise<void> {
  for (;;) {
    try {
      return await store.ping()
    } catch {
      await pause(50)
    }
  }
}
