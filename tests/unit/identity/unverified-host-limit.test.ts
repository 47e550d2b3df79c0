import { describe, expect, it } from 'vitest'
import { createUnverifiedHostLimit } from '../../../lib/identity/unverified-host-limit.ts'
import { heapInUse } from '../../support/unit/heap.ts'

const MIB = 1024 * 1024

/** How many of `count` requests at that time are let through. */
function countPassing(
  limit: ReturnType<typeof createUnverifiedHostLimit>,
  host: string,
  count: number,
  now: number,
) {
  let passed = 0
  for (let index = 0; index < count; index += 1) {
    try {
      limit.count(host, now)
      passed += 1
    } catch (error) {
      expect(error).toMatchObject({ code: 'network_error' })
    }
  }
  return passed
}

describe('the limit of an unverified host', () => {
  it('N11 lets ten requests through in any ten seconds', () => {
    const limit = createUnverifiedHostLimit()
    expect(countPassing(limit, 'a.dev', 6, 0)).toBe(6)
    expect(countPassing(limit, 'a.dev', 100, 9_000)).toBe(4)
    expect(countPassing(limit, 'a.dev', 100, 10_000)).toBe(6)
    expect(countPassing(limit, 'a.dev', 100, 18_999)).toBe(0)
    expect(countPassing(limit, 'a.dev', 100, 19_000)).toBe(4)
  })

  it('counts each host by itself', () => {
    const limit = createUnverifiedHostLimit()
    countPassing(limit, 'a.dev', 10, 0)
    expect(countPassing(limit, 'b.dev', 1, 0)).toBe(1)
  })

  it('N11 does not count requests to a host that takes part in the network', () => {
    const limit = createUnverifiedHostLimit()
    countPassing(limit, 'a.dev', 10, 0)
    limit.markVerified('a.dev')
    expect(countPassing(limit, 'a.dev', 1_000, 0)).toBe(1_000)
  })

  it('L5 remembers a thousand hosts at most', { timeout: 60_000 }, () => {
    const fill = (filled: typeof limit, hosts: number) => {
      for (let index = 0; index < hosts; index += 1) filled.count(`name-${index}.dev`, 0)
    }
    const limit = createUnverifiedHostLimit()
    // Compiled code is there before the size is taken.
    fill(createUnverifiedHostLimit(), 10_000)
    const before = heapInUse()
    countPassing(limit, 'a.dev', 10, 0)
    fill(limit, 1_000_000)
    expect(countPassing(limit, 'a.dev', 10, 0)).toBe(10)
    expect(heapInUse() - before).toBeLessThan(MIB)
  })
})
