import { describe, expect, it } from 'vitest'
import { createServerState } from '../../../../lib/oauth/server/server-state.ts'

const AS = 'https://as.host.dev'
const PDS = 'https://pds.host.dev'
const withNonce = (nonce: string, status = 200) =>
  new Response(null, { status, headers: { 'dpop-nonce': nonce } })

const NOW = Date.UTC(2026, 0, 1)
const dated = (ms: number) => new Response(null, { headers: { date: new Date(ms).toUTCString() } })
const retryAfter = (value: string) => new Response(null, { status: 429, headers: { 'retry-after': value } })

describe('the nonce of a server', () => {
  it('keeps the newest nonce', () => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('first'), NOW)
    servers.rememberNonce(AS, withNonce('second'), NOW)
    expect(servers.nonce(AS)).toBe('second')
  })

  it.each([200, 201, 400, 401, 403, 500])('learns from an answer with status %d', (status) => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('n', status), NOW)
    expect(servers.nonce(AS)).toBe('n')
  })

  it('keeps the nonces of two origins apart', () => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('of the AS'.replaceAll(' ', '-')), NOW)
    expect(servers.nonce(PDS)).toBeUndefined()
  })

  it('keeps the old nonce when an answer has none', () => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('n'), NOW)
    servers.rememberNonce(AS, new Response(null), NOW)
    expect(servers.nonce(AS)).toBe('n')
  })

  it('takes a nonce of 256 characters', () => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('x'.repeat(256)), NOW)
    expect(servers.nonce(AS)).toHaveLength(256)
  })

  const attacks = [
    ['an oversized one', 'x'.repeat(257)],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['an empty one', ''],
    ['spaces', 'a b'],
    ['a quote', 'a"b'],
    ['a backslash', 'a\\b'],
    ['letters beyond ASCII', 'nönce'],
    ['a tab', 'a\tb'],
    ['two at once', 'a, b'],
  ] as const
  it.each(attacks)('does not keep %s', (_what, nonce) => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce(nonce), NOW)
    expect(servers.nonce(AS)).toBeUndefined()
  })

  it('does not keep a nonce with a line break that would start a header', () => {
    const servers = createServerState()
    const headers = new Headers()
    // No real Headers lets it in; the cache does not count on that.
    headers.get = () => 'n\r\nx-injected: 1'
    const response = new Response(null)
    Object.defineProperty(response, 'headers', { value: headers })
    servers.rememberNonce(AS, response, NOW)
    expect(servers.nonce(AS)).toBeUndefined()
  })

  it('is never sent when it is older than five minutes', async () => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('n'), NOW)
    expect(await servers.recallNonce(AS, NOW + 299_999)).toBe('n')
    expect(await servers.recallNonce(AS, NOW + 300_000)).toBeUndefined()
    expect(await servers.recallNonce(AS, NOW - 300_000)).toBeUndefined()
  })

  it('tells when it was given', () => {
    const servers = createServerState()
    expect(servers.nonceSeenAt(AS)).toBe(0)
    servers.rememberNonce(AS, withNonce('n'), NOW)
    expect(servers.nonceSeenAt(AS)).toBe(NOW)
  })

  it.each([
    ['a newer one', NOW + 1, 'theirs'],
    ['not an older one', NOW - 1, 'ours'],
    ['not one of the same moment', NOW, 'ours'],
  ])('takes over from another process %s', (_what, seenAt, nonce) => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('ours'), NOW)
    servers.adoptNonce(AS, { nonce: 'theirs', seenAt })
    expect(servers.nonce(AS)).toBe(nonce)
  })

  it('SF-5 does not grow beyond a thousand origins', () => {
    const servers = createServerState()
    for (let n = 0; n <= 1_000; n += 1) servers.rememberNonce(`https://${n}.host.dev`, withNonce('n'), NOW)
    const kept = [0, 1, 1_000].map((n) => servers.nonce(`https://${n}.host.dev`))
    expect(kept).toEqual([undefined, 'n', 'n'])
  })

  it('lets the origin go that was silent longest', () => {
    const servers = createServerState()
    servers.rememberNonce(AS, withNonce('old'), NOW)
    for (let n = 0; n < 999; n += 1) servers.rememberNonce(`https://${n}.host.dev`, withNonce('n'), NOW)
    servers.rememberNonce(AS, withNonce('new'), NOW)
    servers.rememberNonce('https://one-more.host.dev', withNonce('n'), NOW)
    expect([servers.nonce(AS), servers.nonce('https://0.host.dev')]).toEqual(['new', undefined])
  })
})

describe('the clock of a server', () => {
  it.each([-120_000, -30_000, 30_000, 300_000])(
    'S12 O8 is known to be %i ms from ours after one answer',
    (offset) => {
      const servers = createServerState()
      servers.rememberClock(AS, dated(NOW + offset), NOW)
      expect(servers.clockOffsetMs(AS)).toBe(offset)
      expect(servers.clockOffsetMs(PDS)).toBe(0)
    },
  )

  it.each([
    ['exact', dated(NOW + 1_000), 1_000],
    ['far off', dated(NOW + 9 * 24 * 3_600_000), 9 * 24 * 3_600_000],
    ['not dated', new Response(null), undefined],
  ])('tells the difference of an answer that is %s', (_what, response, difference) => {
    const servers = createServerState()
    servers.rememberClock(AS, dated(NOW + 60_000), NOW)
    servers.rememberClock(AS, response, NOW)
    expect(servers.clockDifferenceMs(AS)).toBe(difference)
    expect(servers.clockDifferenceMs(PDS)).toBeUndefined()
  })

  it('S12 O8 counts as ours while it differs by no more than the header can tell', () => {
    const servers = createServerState()
    servers.rememberClock(AS, dated(NOW - 2_000), NOW)
    expect(servers.clockOffsetMs(AS)).toBe(0)
  })

  it.each(['', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT'])('S12 O8 is not learnt from the date %j', (date) => {
    const servers = createServerState()
    servers.rememberClock(AS, new Response(null, { headers: { date } }), NOW)
    expect(servers.clockOffsetMs(AS)).toBe(0)
  })
})

describe('the pause a server asks for', () => {
  it.each([
    ['60', 60_000],
    ['3600', 300_000],
    [new Date(NOW + 90_000).toUTCString(), 90_000],
  ])('S10 with Retry-After %j ends after that time, five minutes at most', (value, ms) => {
    const servers = createServerState()
    servers.rememberPause(AS, retryAfter(value), NOW)
    expect(servers.pausedUntil(AS)).toBe(NOW + ms)
  })

  it.each(['0', '-5', 'soon', '', new Date(NOW - 1_000).toUTCString()])(
    'S10 with Retry-After %j is none',
    (value) => {
      const servers = createServerState()
      servers.rememberPause(AS, retryAfter(value), NOW)
      expect(servers.pausedUntil(AS)).toBe(0)
    },
  )

  it('is not forgotten by the answers that follow', () => {
    const servers = createServerState()
    servers.rememberPause(AS, retryAfter('60'), NOW)
    servers.rememberNonce(AS, withNonce('n'), NOW)
    expect([servers.pausedUntil(AS), servers.nonce(AS)]).toEqual([NOW + 60_000, 'n'])
  })
})
