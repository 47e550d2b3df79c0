import { describe, expect, it } from 'vitest'
import { safeReturnTo } from '../../../lib/web/return-to.ts'
import { labelled } from '../../support/unit/labelled.ts'

const OWN = 'https://app.host.dev'

/** Where a browser on our sign-in page would go with the result as Location. */
const destination = (input: unknown) => new URL(safeReturnTo(input, '/home'), `${OWN}/oauth/callback?x=1`)

describe('safeReturnTo', () => {
  const kept = [
    '/',
    '/compose',
    '/a/b/c',
    '/a?b=c&d=e#f',
    '/?x',
    '/#x',
    '/a%20b',
    '/a//b',
    '/a:b',
    '/@alice',
    '/x?u=//y',
  ]
  it.each(kept)('keeps %s', (path) => {
    expect(safeReturnTo(path, '/home')).toBe(path)
  })

  it.each([
    ['/ü', '/%C3%BC'],
    ['/a b', '/a%20b'],
    ['/a/../b', '/b'],
    ['/a\\b', '/a/b'],
    ['/a\tb\r\nset-cookie: x', '/abset-cookie:%20x'],
  ])('writes %j as a browser reads it: %s', (input, expected) => {
    expect(safeReturnTo(input, '/home')).toBe(expected)
  })

  it.each([
    ['/compose?_rsc=1x2y3', '/compose'],
    ['/compose?draft=a%20b&_rsc=1x2y3&x#end', '/compose?draft=a%20b&x#end'],
    ['/compose?_rsc', '/compose'],
    ['/compose?_rscue=1', '/compose?_rscue=1'],
  ])('takes what the router of Next.js adds to its requests out of %s', (input, expected) => {
    expect(safeReturnTo(input, '/home')).toBe(expected)
  })

  it.each(labelled([undefined, null, 7, {}, [], ['/a'], new File([], '/a'), true, '']))(
    'falls back for %s, which is no path',
    (_label, input) => {
      expect(safeReturnTo(input, '/home')).toBe('/home')
    },
  )

  const attacks = [
    '//evil.dev',
    '///evil.dev',
    '////evil.dev',
    '//evil.dev/%2f..',
    '//evil.dev:443/x',
    '//user@evil.dev',
    '/\\evil.dev',
    '\\\\evil.dev',
    '\\/evil.dev',
    '/\\/evil.dev',
    '//\\evil.dev',
    '/\\\\evil.dev',
    '/\t/evil.dev',
    '/\n/evil.dev',
    '/\r/evil.dev',
    '/\r\n/evil.dev',
    '\t//evil.dev',
    ' //evil.dev',
    '/\t\\evil.dev',
    '/.//evil.dev',
    '/..//evil.dev',
    '/%2e//evil.dev',
    '/%2E%2E//evil.dev',
    '/./\\evil.dev',
    '/x/..//evil.dev',
    '/x/../..//evil.dev',
    '/.\t//evil.dev',
    '/x/%2e%2e//evil.dev',
    '/.///evil.dev',
    './/evil.dev',
    'https://evil.dev',
    'HTTPS://evil.dev',
    'http:evil.dev',
    'https:/evil.dev',
    'https:\\\\evil.dev',
    'https:evil.dev',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://evil.dev/x',
    'file:///etc/passwd',
    'ftp://evil.dev',
    '@evil.dev',
    '.evil.dev',
    ':80',
    'evil.dev',
    '?x',
    '#x',
    'http://return-to.invalid/x',
    '//return-to.invalid.evil.dev',
    '//return-to.invalid@evil.dev',
    `/${'x'.repeat(2_048)}`,
  ]
  it.each(labelled(attacks))('CK-8 X6 falls back for %s', (_label, input) => {
    expect(safeReturnTo(input, '/home')).toBe('/home')
  })

  const odd = [
    '/%09/evil.dev',
    '/%2f/evil.dev',
    '/%5cevil.dev',
    '/%2f%2fevil.dev',
    '/;//evil.dev',
    '/x//evil.dev',
    '/%00//evil.dev',
    '/\u0000//evil.dev',
    '/\u2028//evil.dev',
    '/\ufeff//evil.dev',
    '/\u3000//evil.dev',
    '/｡｡//evil.dev',
    '/％2f%2fevil.dev',
    '/／evil.dev',
    '/⁄evil.dev',
    '/\ud800',
    '/javascript:alert(1)',
    '/http://evil.dev',
    '/?//evil.dev',
    '/#//evil.dev',
    '/?\\\\evil.dev',
    '/...//evil.dev',
    '/.%09//evil.dev',
    '/@evil.dev',
  ]
  it.each(labelled([...attacks, ...odd]))('never leads to another origin with %s', (_label, input) => {
    expect(destination(input).origin).toBe(OWN)
  })

  it.each(labelled(odd))(
    'starts with exactly one slash and holds header-safe text for %s',
    (_label, input) => {
      expect(safeReturnTo(input, '/home')).toMatch(/^\/(?!\/)[\x21-\x7e]*$/)
    },
  )

  it('CK-8 stays short enough for a Location header after escaping', () => {
    expect(safeReturnTo(`/${'€'.repeat(2_000)}`, '/home').length).toBeLessThanOrEqual(2_048)
  })
})

describe('safeReturnTo with the path of our own routes', () => {
  it.each(['/oauth/callback?code=x', '/oauth/logout', '/oauth/login', '/x/../oauth/login'])(
    'CK-8 does not lead back into them: %s',
    (path) => {
      expect(safeReturnTo(path, '/home', '/oauth')).toBe('/home')
    },
  )

  it.each(['/oauth', '/oauthority', '/account/oauth/x'])('leaves %s alone', (path) => {
    expect(safeReturnTo(path, '/home', '/oauth')).toBe(path)
  })
})
