import { describe, expect, it } from 'vitest'
import { noContent, page, publicJson, seeOther, withPrefix } from '../../../lib/web/responses.ts'

describe('seeOther', () => {
  it('goes on with GET, keeps no referrer and is not cached', () => {
    const { status, headers } = seeOther('/compose')
    expect([
      status,
      headers.get('location'),
      headers.get('cache-control'),
      headers.get('referrer-policy'),
    ]).toEqual([303, '/compose', 'private, no-store', 'no-referrer'])
  })

  it('sets each cookie in a header of its own', () => {
    expect(seeOther('/', ['a=1', 'b=2']).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('refuses a line break that would start a header', () => {
    expect(() => seeOther('/\r\nset-cookie: evil=1')).toThrow(TypeError)
  })
})

describe('withPrefix', () => {
  it.each([
    ['/', '/shop/'],
    ['/compose?a=/b', '/shop/compose?a=/b'],
    ['https://pds.host.dev/oauth/authorize', 'https://pds.host.dev/oauth/authorize'],
  ])('leads from %s to %s', (location, expected) => {
    expect(withPrefix(seeOther(location), '/shop').headers.get('location')).toBe(expected)
  })

  it('leaves an answer that leads nowhere, or an application without a base path, alone', () => {
    expect(withPrefix(noContent(), '/shop').headers.has('location')).toBe(false)
    expect(withPrefix(seeOther('/a'), '').headers.get('location')).toBe('/a')
  })
})

describe('noContent', () => {
  it('is an empty answer that no cache keeps', () => {
    const { status, headers } = noContent()
    expect([status, headers.get('cache-control')]).toEqual([204, 'private, no-store'])
  })
})

describe('publicJson', () => {
  it('is JSON that any server may fetch and keep briefly', async () => {
    const response = publicJson({ a: 1 })
    expect(await response.json()).toEqual({ a: 1 })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    })
  })
})

describe('page', () => {
  it('lets the caller add headers', () => {
    const { status, headers } = page({ status: 503, title: 'x', body: 'y', headers: { 'retry-after': '5' } })
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
  })

  it('sends the Origin of its forms along, which a no-referrer page would not', () => {
    expect(page({ status: 200, title: 'x', body: 'y' }).headers.get('referrer-policy')).toBe('same-origin')
  })
})
