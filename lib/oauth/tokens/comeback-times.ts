/** When refreshes that found no place may come back: at the pace of the server, so that they find one then. */

export interface ComebackTimes {
  /** Counts a place that was given back. */
  count(): void
  /** Milliseconds after which the next one that is turned away may come back. */
  nextMs(waiting: number): number
}

/** The pace is that of the last ten to twenty seconds. */
const WINDOW_MS = 10_000
/** What is assumed of a server that has answered nothing yet: one refresh a second. */
const SLOWEST_PER_MS = 1 / 1_000
const MIN_MS = 1_000
const MAX_MS = 5 * 60_000

/**
 * Nothing is known of the server at first.
 *
 * @param maxWaitMs how long one waits for a place at most
 */
export function createComebackTimes(maxWaitMs: number): ComebackTimes {
  let window = { endsAt: 0, count: 0, before: 0 }
  let lastAt = 0

  function turn(now: number): void {
    if (now < window.endsAt) return
    const isNext = now < window.endsAt + WINDOW_MS
    window = { endsAt: now + WINDOW_MS, count: 0, before: isNext ? window.count : 0 }
  }

  return {
    count() {
      turn(performance.now())
      window.count += 1
    },
    nextMs(waiting) {
      const now = performance.now()
      turn(now)
      const perMs = Math.max(SLOWEST_PER_MS, Math.max(window.before, window.count) / WINDOW_MS)
      // Behind those that wait, as far as they get a place, and behind those that were turned away before.
      lastAt = Math.max(lastAt, now + Math.min(waiting / perMs, maxWaitMs)) + 1 / perMs
      if (lastAt > now + MAX_MS) lastAt = now + MAX_MS / 2
      return spread(Math.max(MIN_MS, lastAt - now))
    },
  }
}

/** So much or up to a fifth more, so that those that are told the same do not come back together. */
export function spread(ms: number): number {
  return Math.round(ms * (1 + Math.random() / 5))
}
