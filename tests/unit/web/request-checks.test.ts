import { describe, expect, it } from 'vitest'
import {
  isFromOtherSite,
  isFromOwnPage,
  isOwnNavigation,
  isSpeculative,
} from '../../../lib/web/request-checks.ts'
import { foreignSenders, ownSenders } from '../../support/form-senders.ts'

const OWN = 'https://app.host.dev'
const request = (headers: Readonly<Record<string, string>>, method = 'GET') =>
  new Request(`${OWN}/oauth/login`, { method, headers })

describe('isSpeculative', () => {
  const ahead: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['Next’s router fetching a payload', { rsc: '1' }],
    ['Next’s router prefetching', { 'next-router-prefetch': '1' }],
    ['the prefetch of older Next versions', { 'x-middleware-prefetch': '1' }],
    ['the old header of browsers', { purpose: 'prefetch' }],
    ['Sec-Purpose: prefetch', { 'sec-purpose': 'prefetch' }],
    ['a prerender, which may never be shown', { 'sec-purpose': 'prefetch;prerender' }],
    ['a prefetch through a proxy', { 'sec-purpose': 'prefetch;anonymous-client-ip' }],
  ]
  it.each(ahead)('knows %s', (_what, headers) => {
    expect(isSpeculative(request(headers))).toBe(true)
  })

  it('knows HEAD, which runs GET handlers', () => {
    expect(isSpeculative(request({}, 'HEAD'))).toBe(true)
  })

  const real: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a plain visit', {}],
    ['a navigation', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ['another purpose', { 'sec-purpose': 'prefetching-not' }],
  ]
  it.each(real)('lets %s through', (_what, headers) => {
    expect(isSpeculative(request(headers))).toBe(false)
  })
})

describe('isFromOwnPage', () => {
  it.each(ownSenders(OWN))('X5 accepts a form when %s', (_why, headers) => {
    expect(isFromOwnPage(new Headers(headers), OWN)).toBe(true)
  })

  it.each(foreignSenders(OWN))('X5 refuses a form of %s', (_who, headers) => {
    expect(isFromOwnPage(new Headers(headers), OWN)).toBe(false)
  })
})

describe('isFromOtherSite', () => {
  const elsewhere: readonly Readonly<Record<string, string>>[] = [
    { 'sec-fetch-site': 'cross-site', origin: OWN },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'Same-Origin' },
    { origin: 'https://evil.dev' },
    { origin: 'null' },
    { origin: `${OWN}.evil.dev` },
  ]
  it.each(elsewhere)('X5 says so of %j', (headers) => {
    expect(isFromOtherSite(new Headers(headers), OWN)).toBe(true)
  })

  it.each([
    { 'sec-fetch-site': 'same-origin', origin: 'null' },
    { 'sec-fetch-site': 'none' },
    { origin: OWN },
    {},
  ])('does not say so of %j', (headers) => {
    expect(isFromOtherSite(new Headers({ ...headers }), OWN)).toBe(false)
  })
})

describe('isOwnNavigation', () => {
  const page = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

  it('accepts one from a page of this application', () => {
    expect(isOwnNavigation(request({ ...page, 'sec-fetch-site': 'same-origin' }))).toBe(true)
  })

  it.each(['none', 'cross-site', 'same-site', '', 'SAME-ORIGIN', 'same-origin, none'])(
    'refuses a link elsewhere that would sign the visitor in (login CSRF): %j',
    (site) => {
      expect(isOwnNavigation(request({ ...page, 'sec-fetch-site': site }))).toBe(false)
    },
  )

  it.each([
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ])('refuses an image, fetch or frame on an own page: %j', (headers) => {
    expect(isOwnNavigation(request({ ...headers, 'sec-fetch-site': 'same-origin' }))).toBe(false)
  })

  it('refuses a browser that does not say', () => {
    expect(isOwnNavigation(request({}))).toBe(false)
  })
})
