import { describe, expect, it } from 'vitest'
import { grows, growthOf } from '../../../tools/endurance/soak/growth.ts'

describe('growthOf', () => {
  it('gives the means of the outer thirds, and the rise of the line', () => {
    expect(growthOf([10, 11, 12, 13, 14, 15])).toEqual({ first: 10.5, last: 14.5, rise: 5 })
  })

  it('is nothing where a figure only goes up and down', () => {
    const { first, last, rise } = growthOf([10, 12, 10, 12, 10, 12, 10, 12, 10])
    expect(last - first).toBeCloseTo(0)
    expect(rise).toBeCloseTo(0)
  })
})

describe('grows', () => {
  it('says that a steady leak grows', () => {
    expect(grows(growthOf([100, 102, 104, 106, 108, 110, 112, 114, 116]), 5)).toBe(true)
  })

  it('does not take one high sample for growth', () => {
    expect(grows(growthOf([100, 100, 100, 100, 100, 100, 100, 100, 112]), 5)).toBe(false)
  })

  it('does not take a fall for growth', () => {
    expect(grows(growthOf([120, 115, 110, 105, 100, 100]), 5)).toBe(false)
  })
})
