/** Sessions whose rows do not open: how often the log says so. */
import { describe, expect, it } from 'vitest'
import { createUnopenedSessions } from '../../../../lib/oauth/records/unopened-sessions.ts'

function create() {
  let nowMs = 5_000
  const sessions = createUnopenedSessions(() => nowMs)
  return {
    lineFor: sessions.lineFor,
    wait(ms: number) {
      nowMs += ms
    },
  }
}

describe('the line about sessions that do not open', () => {
  it('comes at once, and says what happened and what to do', () => {
    const { lineFor } = create()
    expect(lineFor('secret')).toMatch(
      /^Stored sessions could not be opened with the secrets of this application: /,
    )
    expect(lineFor('other')).toMatch(
      /^Stored sessions could not be opened, although their secret is configured: /,
    )
  })

  it('comes once a minute at most, then with the number since the last one', () => {
    const { lineFor, wait } = create()
    lineFor('secret')
    for (let n = 0; n < 10_000; n += 1) expect(lineFor('secret')).toBeUndefined()
    wait(59_999)
    expect(lineFor('secret')).toBeUndefined()
    wait(1)
    expect(lineFor('secret')).toContain(' (10002 times since the last such line): ')
    expect(lineFor('secret')).toBeUndefined()
  })

  it('counts each cause by itself', () => {
    const { lineFor, wait } = create()
    lineFor('secret')
    wait(30_000)
    expect(lineFor('other')).toBeDefined()
    wait(30_000)
    expect([lineFor('secret'), lineFor('other')]).toEqual([expect.any(String), undefined])
  })
})
