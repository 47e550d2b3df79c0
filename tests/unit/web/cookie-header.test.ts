import { describe, expect, it } from 'vitest'
import { cookieSettings, readCookie, setCookieHeader } from '../../../lib/web/cookie-header.ts'

const https = cookieSettings('https://app.host.dev')
const change = { name: 'n', value: 'v', maxAgeS: 60 }
const http = cookieSettings('http://127.0.0.1:3000')

describe('cookie names and attributes', () => {
  it('CK-3 C5 are __Host- where the site is https', () => {
    expect(https.sessionName).toBe('__Host-atproto-session')
  })

  it('are plain on http, where browsers refuse the prefix, and tell applications on other ports apart', () => {
    const other = cookieSettings('http://127.0.0.1:3001')
    expect([http.sessionName, other.sessionName]).toEqual(['atproto-session-3000', 'atproto-session-3001'])
  })

  it('tell applications under different base paths of one host apart', () => {
    const paths = ['/', '/shop', '/shop/', '/shop-2', '/a/b', '/a-b', '/a_b', '/a.b', '/l%C3%A4den']
    expect(paths.map((path) => cookieSettings(`https://app.host.dev${path}`).sessionName)).toEqual(
      ['', '.shop', '.shop', '.shop_2d2', '.a.b', '.a_2db', '.a_5fb', '.a_2eb', '.l_25C3_25A4den'].map(
        (suffix) => `__Host-atproto-session${suffix}`,
      ),
    )
    expect(cookieSettings('http://127.0.0.1:3000/shop').sessionName).toBe('atproto-session-3000.shop')
  })

  it('keep the name of 0.1.0 for a base path of letters, digits and slashes, and know it for any other', () => {
    const former = (path: string) => cookieSettings(`https://app.host.dev${path}`).formerSessionName
    expect(['', '/shop', '/a/b', '/Shop2'].map(former)).toEqual([undefined, undefined, undefined, undefined])
    expect(['/a-b', '/a.b', '/a_b'].map(former)).toEqual([
      '__Host-atproto-session.a.b',
      '__Host-atproto-session.a.b',
      '__Host-atproto-session.a.b',
    ])
  })

  it('CK-3 CK-4 C9 keep scripts, other sites and plain http out', () => {
    expect(setCookieHeader(change, https)).toBe('n=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure')
  })

  it('C9 leave Secure out on http alone', () => {
    expect(setCookieHeader(change, http)).toBe('n=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax')
  })
})

describe('readCookie', () => {
  const headers = [
    ['a=1', '1'],
    ['b=2; a=1; c=3', '1'],
    ['a=1;b=2', '1'],
    ['a=', ''],
    ['a=x=y=', 'x=y='],
    ['b=a=1', undefined],
    ['aa=1; xa=2', undefined],
    ['A=1', undefined],
    ['', undefined],
    [null, undefined],
    [';;; = ; a', undefined],
  ] as const
  it.each(headers)('finds in %j the value %j', (header, expected) => {
    expect(readCookie(header, 'a')).toBe(expected)
  })

  it.each(['a=good; a=evil', 'a=evil; a=good', 'a=x; b=1; a=x', 'a=; a=1'])(
    'C5 refuses both of two cookies of one name (cookie tossing): %s',
    (header) => {
      expect(readCookie(header, 'a')).toBeUndefined()
    },
  )
})
