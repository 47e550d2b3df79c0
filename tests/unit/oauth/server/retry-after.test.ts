import { describe, expect, it } from 'vitest'
import { rateLimitResetMs, retryAfterMs } from '../../../../lib/oauth/server/retry-after.ts'

const NOW = Date.UTC(2026, 0, 1)
const dateIn = (ms: number) => new Date(NOW + ms).toUTCString()

describe('retryAfterMs', () => {
  it.each([
    ['7', 7_000],
    ['999999999', 999_999_999_000],
    [dateIn(90_000), 90_000],
    [dateIn(-1_000), undefined],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e9', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('reads %j as %j', (value, ms) => {
    expect(retryAfterMs(new Headers({ 'retry-after': value }), NOW)).toBe(ms)
  })

  it('says nothing where the header is absent', () => {
    expect(retryAfterMs(new Headers(), NOW)).toBeUndefined()
  })
})

describe('rateLimitResetMs', () => {
  it.each([
    [String(NOW / 1000 + 42), 42_000],
    ['30', 30_000],
    [String(NOW / 1000 - 1), undefined],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
  ])('reads %j as %j', (value, ms) => {
    expect(rateLimitResetMs(new Headers({ 'ratelimit-reset': value }), NOW)).toBe(ms)
  })

  it('says nothing where the header is absent', () => {
    expect(rateLimitResetMs(new Headers(), NOW)).toBeUndefined()
  })
})
