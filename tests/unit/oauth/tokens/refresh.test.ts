import { describe, expect, it } from 'vitest'
import { isStale } from '../../../../lib/oauth/tokens/refresh.ts'

const issuedAt = Date.UTC(2026, 0, 1)
const seconds = (s: number) => s * 1_000

describe('isStale', () => {
  // [lifetime, seconds before the end from which on the token is renewed]
  const leeways = [
    [3_600, 30],
    [300, 30],
    [299, 29.9],
    [60, 6],
    [10, 1],
    [1, 0.1],
  ] as const
  it.each(leeways)('renews a token of %d s from %d s before its end, and not before', (lifetime, leeway) => {
    const session = { issuedAt, expiresAt: issuedAt + seconds(lifetime) }
    const edge = session.expiresAt - seconds(leeway)
    expect([isStale(session, edge - 1), isStale(session, edge)]).toEqual([false, true])
  })

  it('does not renew a token that was just issued, however short its life', () => {
    expect(isStale({ issuedAt, expiresAt: issuedAt + 1 }, issuedAt)).toBe(false)
  })

  it('renews a token that has ended', () => {
    expect(isStale({ issuedAt, expiresAt: issuedAt + seconds(60) }, issuedAt + seconds(3_600))).toBe(true)
  })

  it('uses a token whose end is unknown until the PDS refuses it', () => {
    expect(isStale({ issuedAt, expiresAt: undefined }, issuedAt + seconds(1e9))).toBe(false)
  })
})
