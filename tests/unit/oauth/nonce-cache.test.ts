import { describe, expect, it } from 'vitest'
import { createNonceCache } from '../../../lib/oauth/dpop.ts'

const AS = 'https://as.host.dev'
const PDS = 'https://pds.host.dev'
const withNonce = (nonce: string, status = 200) =>
  new Response(null, { status, headers: { 'dpop-nonce': nonce } })

describe('createNonceCache', () => {
  it('keeps the newest nonce', () => {
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce('first'))
    nonces.remember(AS, withNonce('second'))
    expect(nonces.get(AS)).toBe('second')
  })

  it.each([200, 201, 400, 401, 403, 500])('learns from an answer with status %d', (status) => {
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce('n', status))
    expect(nonces.get(AS)).toBe('n')
  })

  it('keeps the nonces of two origins apart', () => {
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce('of the AS'.replaceAll(' ', '-')))
    expect(nonces.get(PDS)).toBeUndefined()
  })

  it('keeps the old nonce when an answer has none', () => {
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce('n'))
    nonces.remember(AS, new Response(null))
    expect(nonces.get(AS)).toBe('n')
  })

  it('takes a nonce of 256 characters', () => {
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce('x'.repeat(256)))
    expect(nonces.get(AS)).toHaveLength(256)
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
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce(nonce))
    expect(nonces.get(AS)).toBeUndefined()
  })

  it('does not keep a nonce with a line break that would start a header', () => {
    const nonces = createNonceCache()
    const headers = new Headers()
    // No real Headers lets it in; the cache does not count on that.
    headers.get = () => 'n\r\nx-injected: 1'
    const response = new Response(null)
    Object.defineProperty(response, 'headers', { value: headers })
    nonces.remember(AS, response)
    expect(nonces.get(AS)).toBeUndefined()
  })

  it('does not grow beyond a thousand origins', () => {
    const nonces = createNonceCache()
    for (let n = 0; n <= 1_000; n += 1) nonces.remember(`https://${n}.host.dev`, withNonce('n'))
    const kept = [0, 1, 1_000].map((n) => nonces.get(`https://${n}.host.dev`))
    expect(kept).toEqual([undefined, 'n', 'n'])
  })

  it('lets the origin go that was silent longest', () => {
    const nonces = createNonceCache()
    nonces.remember(AS, withNonce('old'))
    for (let n = 0; n < 999; n += 1) nonces.remember(`https://${n}.host.dev`, withNonce('n'))
    nonces.remember(AS, withNonce('new'))
    nonces.remember('https://one-more.host.dev', withNonce('n'))
    expect([nonces.get(AS), nonces.get('https://0.host.dev')]).toEqual(['new', undefined])
  })
})
