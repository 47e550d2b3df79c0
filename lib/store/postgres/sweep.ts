/**
 * Until when this process has removed the expired rows of the PostgreSQL store. What was removed can still be in the index:
 * to read past it with each write would take longer and longer.
 */
import type { PostgresRow } from './pool.ts'

/** After that, from the beginning: a row that another process held was left out, and the clock may have been set back. */
const LIMIT_MS = 300_000

export interface Sweep {
  /** Where the next one begins, in milliseconds by the clock of the database. */
  since(): number
  /** Takes note of what a write has returned; nothing if it returned no row. */
  note(row: PostgresRow | undefined): void
}

/** @param now milliseconds of a clock that is never set */
export function createSweep(now = () => performance.now()): Sweep {
  let [begunAt, sinceMs] = [now(), 0]
  return {
    since() {
      if (now() - begunAt >= LIMIT_MS) [begunAt, sinceMs] = [now(), 0]
      return sinceMs
    },
    note(row) {
      // Some drivers return every column as text.
      const untilMs = Number(row?.swept)
      if (untilMs > sinceMs) sinceMs = untilMs
    },
  }
}
