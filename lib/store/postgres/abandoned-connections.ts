/**
 * How soon the library's own pool gives up a connection that does not answer. A statement that waits there for a lock goes
 * on at the server after that, with a connection that the server counts. If each were replaced at once while the table is
 * locked, the database would soon accept no more connections, and none of the application's either.
 */

/** Less than the store waits for a statement, so that the connection of a lost one is given up too. */
export const QUERY_LIMIT_MS = 4_500
/** How long a connection is waited for when as many as the pool has were given up within this time. */
export const PATIENT_LIMIT_MS = 30_000

export interface AbandonedConnections {
  /** How long the next statement may keep its connection, in milliseconds. */
  nextLimitMs(): number
  /** One was given up now. */
  count(): void
}

/**
 * @param max of the connections of the pool
 * @param now milliseconds of a clock that is never set
 */
export function createAbandonedConnections(max: number, now = () => performance.now()): AbandonedConnections {
  let times: readonly number[] = []
  return {
    nextLimitMs() {
      times = times.filter((time) => now() - time < PATIENT_LIMIT_MS)
      return times.length < max ? QUERY_LIMIT_MS : PATIENT_LIMIT_MS
    },
    count() {
      times = [...times, now()].slice(-max)
    },
  }
}
