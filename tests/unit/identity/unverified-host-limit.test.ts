import { describe, expect, it } from 'vitest'
import { createHostBudget } from '../../../lib/identity/unverified-host-limit.ts'
import { heapInUse } from '../../support/unit/heap.ts'

const MIB = 1024 * 1024

/** How many of `count` requests at that time are let through. */
function spend(budget: ReturnType<typeof createHostBudget>, host: string, count: number, now: number) {
  let passed = 0
  for (let index = 0; index < count; index += 1) {
    try {
      budget.spend(host, now)
      passed += 1
    } catch (error) {
      expect(error).toMatchObject({ code: 'network_error' })
    }
  }
  return passed
}

describe('the budget of a host', () => {
  it('N11 lets ten requests through in any ten seconds', () => {
    const budget = createHostBudget()
    expect(spend(budget, 'a.dev', 6, 0)).toBe(6)
    expect(spend(budget, 'a.dev', 100, 9_000)).toBe(4)
    expect(spend(budget, 'a.dev', 100, 10_000)).toBe(6)
    expect(spend(budget, 'a.dev', 100, 18_999)).toBe(0)
    expect(spend(budget, 'a.dev', 100, 19_000)).toBe(4)
  })

  it('counts each host by itself', () => {
    const budget = createHostBudget()
    spend(budget, 'a.dev', 10, 0)
    expect(spend(budget, 'b.dev', 1, 0)).toBe(1)
  })

  it('N11 does not count requests to a host that takes part in the network', () => {
    const budget = createHostBudget()
    spend(budget, 'a.dev', 10, 0)
    budget.trust('a.dev')
    expect(spend(budget, 'a.dev', 1_000, 0)).toBe(1_000)
  })

  it('L5 remembers a thousand hosts at most', () => {
    const budget = createHostBudget()
    const before = heapInUse()
    spend(budget, 'a.dev', 10, 0)
    for (let index = 0; index < 1_000_000; index += 1) budget.spend(`name-${index}.dev`, 0)
    expect(spend(budget, 'a.dev', 10, 0)).toBe(10)
    expect(heapInUse() - before).toBeLessThan(MIB)
  })
})
