import { describe, expect, it } from 'vitest'
import { initials } from '../../../../lib/react/parts/initials.ts'

describe('initials', () => {
  it.each([
    ['Bob Hatter', 'BH'],
    ['Alice Pleasance Liddell', 'AP'],
    ['bob.pds2.test', 'b'],
    ['@bob.pds2.test', 'b'],
    ['did:plc:vwzwgnygau7ed7b7wt5ux7y2', 'v'],
    ['"The" (Hatter)', 'TH'],
    ['  Carol  ', 'C'],
    ['Alice 🐇 Rabbit', 'AR'],
    ['🐇 Rabbit', 'R'],
  ])('of %s are %s', (name, letters) => {
    expect(initials(name)).toBe(letters)
  })

  it.each([
    ['e\u0301mile zola', 'e\u0301z'],
    ['नि कु', 'निकु'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['🇦🇹 🇩🇪', '🇦🇹'],
    ['𝒜lice', '𝒜'],
  ])('cut no letter in two, as readers see letters: %s gives %s', (name, letters) => {
    expect(initials(name)).toBe(letters)
  })

  it('are none where there is no name', () => {
    expect([initials(''), initials(' '), initials('@')]).toEqual(['', '', '@'])
  })
})
