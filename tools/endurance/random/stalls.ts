/**
 * Notes when this process, in which the servers of the network are, had to wait for a processor: their answers were late
 * then, as if they were in trouble.
 */
import type { TroubleLog } from './trouble-log.ts'

export interface Stalls {
  /** Ends the watch; how many there were. */
  end(): number
}

const TICK_MS = 100
const LATE_MS = 500

export function watchForStalls(troubles: TroubleLog): Stalls {
  let due = performance.now() + TICK_MS
  let count = 0
  const watch = setInterval(() => {
    const lateMs = performance.now() - due
    due = performance.now() + TICK_MS
    if (lateMs < LATE_MS) return
    count += 1
    troubles.begin('the machine stalled', 'stall')()
  }, TICK_MS)
  return {
    end() {
      clearInterval(watch)
      return count
    },
  }
}
