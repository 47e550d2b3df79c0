import { describe, expect, it } from 'vitest'
import { createHostBudget } from '../../../lib/identity/budget.ts'
import { heapInUse } from '../support/heap.ts'

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

  it('L5 remembers a thousand hosts at most', { timeout: 60_000 }, () => {
    const fill = (filled: typeof budget, hosts: number) => {
      for (let index = 0; index < hosts; index += 1) filled.spend(`name-${index}.dev`, 0)
    }
    const budget = createHostBudget()
    // Compiled code is there before the size is taken.
    fill(createHostBudget(), 10_000)
    const before = heapInUse()
    spend(budget, 'a.dev', 10, 0)
    fill(budget, 1_000_000)
    expect(spend(budget, 'a.dev', 10, 0)).toBe(10)
    expect(heapInUse() - before).toBeLessThan(MIB)
  })
})
