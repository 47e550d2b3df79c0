import { expect, it } from 'vitest'
import { CONNECT_MS, IDLE_MS, MAX_BYTES, TOTAL_MS } from '../../../lib/net/limits.ts'

it('SF-3 N7 requests have the limits that docs/conformance.md names', () => {
  expect(TOTAL_MS).toEqual({ discovery: 5_000, token: 30_000 })
  expect([MAX_BYTES, IDLE_MS, CONNECT_MS]).toEqual([64 * 1_024, 60_000, 30_000])
})
