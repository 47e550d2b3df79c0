/** How often a process asks the store whether it was used with another secret. */
import { describe, expect, it } from 'vitest'
import { createSecretTurns } from '../../../../lib/next/process/secret-turns.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

function create() {
  let nowMs = 5_000
  const turns = createSecretTurns(() => nowMs)
  return {
    ...turns,
    wait(ms: number) {
      nowMs += ms
    },
  }
}

describe('the turns to read the row about the secret', () => {
  it('are one in five minutes for a flood of cookies that do not open', () => {
    const { takeForCookie, wait } = create()
    expect(takeForCookie()).toBe(true)
    for (let n = 0; n < 10_000; n += 1) expect(takeForCookie()).toBe(false)
    wait(5 * MINUTE_MS - 1)
    expect(takeForCookie()).toBe(false)
    wait(1)
    expect([takeForCookie(), takeForCookie()]).toEqual([true, false])
  })

  it('are one a day for sign-ins, whatever cookies come', () => {
    const { takeForCookie, takeForSignIn, wait } = create()
    takeForCookie()
    expect([takeForSignIn(), takeForSignIn()]).toEqual([true, false])
    wait(DAY_MS - 1)
    expect(takeForSignIn()).toBe(false)
    wait(1)
    expect(takeForSignIn()).toBe(true)
  })

  it('come again after five minutes for a sign-in whose turn came to nothing', () => {
    const { takeForSignIn, giveBack, wait } = create()
    takeForSignIn()
    giveBack()
    expect(takeForSignIn()).toBe(false)
    wait(5 * MINUTE_MS)
    expect([takeForSignIn(), takeForSignIn()]).toEqual([true, false])
  })
})
