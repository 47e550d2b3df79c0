import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../lib/errors.ts'
import { checkReach, readPaths, readPublicUrl } from '../../../lib/next/config-checks.ts'

const localNetwork = { plcDirectory: 'http://localhost:2582', handleResolver: 'http://localhost:2583' }

describe('readPaths', () => {
  it('has defaults', () => {
    expect(readPaths({})).toEqual({
      base: '/oauth',
      signInPage: '/oauth/login',
      afterSignIn: '/',
      afterSignOut: '/',
    })
  })

  it('puts the sign-in page below the base', () => {
    expect(readPaths({ basePath: '/auth' }).signInPage).toBe('/auth/login')
  })

  it.each([
    'oauth',
    '',
    '//evil.dev',
    '/\\evil.dev',
    'https://evil.dev',
    '/a?b',
    '/a#b',
    '/a b',
    '/a\n',
    '\\a',
  ])('refuses the path %j and names the option', (signInPage) => {
    expect(() => readPaths({ signInPage })).toThrow(/option signInPage must be a path/)
  })

  it.each(['/', '/oauth/'])('makes no doubled slash of the base %j', (basePath) => {
    let signInPage = '/'
    try {
      signInPage = readPaths({ basePath }).signInPage
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
    }
    expect(signInPage).not.toContain('//')
  })
})

describe('readPublicUrl', () => {
  const good = [
    ['https://app.host.dev', 'https://app.host.dev'],
    ['https://app.host.dev/', 'https://app.host.dev'],
    ['HTTPS://App.Host.DEV:443', 'https://app.host.dev'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ] as const
  it.each(good)('reads %s as %s', (text, expected) => {
    expect(readPublicUrl(text, undefined)).toBe(expected)
  })

  it('is this machine under next dev', () => {
    expect(readPublicUrl(undefined, '4000')).toBe('http://127.0.0.1:4000')
  })

  it.each([undefined, ''])('is demanded in production (%j), with the variable and the fix', (text) => {
    expect(() => readPublicUrl(text, undefined)).toThrow(/PUBLIC_URL is missing: set it/)
  })

  const bad = [
    ...[
      'app.host.dev',
      'https://',
      'https://app.host.dev/app',
      'https://app.host.dev?x',
      'https://app.host.dev#x',
    ],
    ...[
      'https://user@app.host.dev',
      'https://:pw@app.host.dev',
      'http://app.host.dev',
      'http://192.168.0.7:3000',
    ],
    ...[
      'ftp://app.host.dev',
      'javascript:alert(1)',
      'https://a b',
      'http://localhost.evil.dev',
      'http://0.0.0.0:3000',
    ],
  ]
  it.each(bad)('refuses %j and names the variable', (text) => {
    expect(() => readPublicUrl(text, '3000')).toThrow(/^PUBLIC_URL must be/)
  })

  // No authorization server accepts these as a client_id (atproto.com/specs/oauth, "Client ID Metadata Document").
  const unusable = [
    'https://1.2.3.4',
    'https://10.0.0.1',
    'https://[2606:4700::1]',
    'https://localhost',
    'https://intranet',
  ]
  it.each(unusable)('MD-1 refuses %s, which cannot become a client_id', (text) => {
    expect(() => checkReach(undefined, readPublicUrl(text, undefined))).toThrow(ConfigurationError)
  })
})

describe('checkReach', () => {
  const own = [
    'http://127.0.0.1:3000',
    'https://app.internal:8443',
    'https://app.home.arpa',
    'https://app.alt',
  ]
  it.each(own)('allows the local network at %s', (publicUrl) => {
    expect(() => checkReach(localNetwork, publicUrl)).not.toThrow()
  })

  const open = [
    'https://app.host.dev',
    'https://internal.host.dev',
    'https://app.internal.dev',
    'https://app.test',
  ]
  it.each(open)('refuses to open loopback addresses where strangers come by: %s', (publicUrl) => {
    expect(() => checkReach(localNetwork, publicUrl)).toThrow(/localNetwork.*Remove it/)
  })

  it('MD-1 refuses a port in the public URL, because the client_id must have none', () => {
    expect(() => checkReach(undefined, 'https://app.host.dev:8443')).toThrow(/PUBLIC_URL.*no port/)
  })

  it('asks nothing of a public name without the option', () => {
    expect(() => checkReach(undefined, 'https://app.host.dev')).not.toThrow()
  })
})
