import { expect, it } from 'vitest'
import {
  createAbandonedConnections,
  PATIENT_LIMIT_MS,
  QUERY_LIMIT_MS,
} from '../../../../lib/store/postgres/abandoned-connections.ts'

it('gives up as many connections in half a minute as the pool has, and then waits for the next ones', () => {
  let now = 0
  const abandoned = createAbandonedConnections(3, () => now)
  for (let n = 0; n < 3; n += 1) {
    expect(abandoned.nextLimitMs()).toBe(QUERY_LIMIT_MS)
    abandoned.count()
    now += 1_000
  }
  expect(abandoned.nextLimitMs()).toBe(PATIENT_LIMIT_MS)
  abandoned.count()
  now = PATIENT_LIMIT_MS + 1_500
  // Of the last three, one was given up longer ago than that.
  expect(abandoned.nextLimitMs()).toBe(QUERY_LIMIT_MS)
  now = 10 * PATIENT_LIMIT_MS
  expect(abandoned.nextLimitMs()).toBe(QUERY_LIMIT_MS)
})
