import { describe, expect, it } from 'vitest'
import { readPaths } from '../../../lib/config/paths.ts'
import { checkReach, readHostUrl, readOtherHosts, readPublicUrl } from '../../../lib/config/public-url.ts'
import { ConfigurationError } from '../../../lib/errors.ts'

const ORIGIN = 'https://app.host.dev'
const localNetwork = { plcDirectory: 'http://localhost:2582', handleResolver: 'http://localhost:2583' }

describe('readPaths', () => {
  it('has defaults', () => {
    expect(readPaths({}, ORIGIN)).toEqual({
      prefix: '',
      base: '/oauth',
      signInPage: '/oauth/login',
      afterSignIn: '/',
      afterSignOut: '/',
    })
  })

  it('puts the sign-in page below the base', () => {
    expect(readPaths({ basePath: '/auth' }, ORIGIN).signInPage).toBe('/auth/login')
  })
})

describe('readPublicUrl', () => {
  const good = [
    ['https://app.host.dev', 'https://app.host.dev'],
    ['https://app.host.dev/', 'https://app.host.dev'],
    ['HTTPS://App.Host.DEV:443', 'https://app.host.dev'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['https://app.host.dev/shop', 'https://app.host.dev/shop'],
    ['https://app.host.dev/shop/', 'https://app.host.dev/shop'],
    ['http://127.0.0.1:3000/a/b', 'http://127.0.0.1:3000/a/b'],
  ] as const
  it.each(good)('reads %s as %s', (text, expected) => {
    expect(readPublicUrl(text)).toBe(expected)
  })

  it('is this machine under next dev', () => {
    expect(readPublicUrl(undefined, { developmentPort: '4000' })).toBe('http://127.0.0.1:4000')
  })

  it('is this machine under next dev, with the basePath of next.config', () => {
    const context = { developmentPort: '4000', basePath: '/shop' }
    expect(readPublicUrl(undefined, context)).toBe('http://127.0.0.1:4000/shop')
  })

  it.each([
    ['https://app.host.dev/shop', '/shop'],
    ['https://app.host.dev/l%C3%A4den/', '/läden'],
    ['https://app.host.dev/', ''],
  ])('takes %s where next.config has the basePath %j', (text, basePath) => {
    expect(readPublicUrl(text, { basePath })).toBe(text.replace(/\/$/, ''))
  })

  it.each([
    [ORIGIN, '/shop', `${ORIGIN}/shop`],
    [`${ORIGIN}/other`, '/shop', `${ORIGIN}/shop`],
    [`${ORIGIN}/shop`, '', ORIGIN],
  ])(
    'refuses %s where next.config has the basePath %j, and says what it has to be',
    (text, basePath, right) => {
      expect(() => readPublicUrl(text, { basePath })).toThrow(
        `PUBLIC_URL must be ${right}, with the basePath`,
      )
    },
  )

  it.each([undefined, ''])('is demanded in production (%j), with the variable and the fix', (text) => {
    expect(() => readPublicUrl(text)).toThrow(/PUBLIC_URL is missing: set it/)
  })

  const bad = [
    'app.host.dev',
    'https://',
    'https://app.host.dev//app',
    'https://app.host.dev?x',
    'https://app.host.dev#x',
    'https://user@app.host.dev',
    'https://:pw@app.host.dev',
    'http://app.host.dev',
    'http://192.168.0.7:3000',
    'ftp://app.host.dev',
    'javascript:alert(1)',
    'https://a b',
    'http://localhost.evil.dev',
    'http://0.0.0.0:3000',
  ]
  it.each(bad)('refuses %j and names the variable', (text) => {
    expect(() => readPublicUrl(text, { developmentPort: '3000' })).toThrow(/^PUBLIC_URL must be/)
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
    expect(() => checkReach(readPublicUrl(text))).toThrow(ConfigurationError)
  })
})

describe('readHostUrl', () => {
  const vercel = {
    VERCEL_PROJECT_PRODUCTION_URL: 'app.host.dev',
    VERCEL_BRANCH_URL: 'app-git-x.vercel.app',
    VERCEL_URL: 'app-1a2b3c.vercel.app',
  }
  it.each([
    ['production', 'https://app.host.dev'],
    ['preview', 'https://app-git-x.vercel.app'],
    ['development', undefined],
    [undefined, undefined],
  ])('is what Vercel says of a deployment of the kind %j', (VERCEL_ENV, expected) => {
    expect(readHostUrl({ ...vercel, VERCEL_ENV })).toBe(expected)
  })

  it('is the address of the deployment where there is no branch', () => {
    const env = { VERCEL_ENV: 'preview', VERCEL_URL: vercel.VERCEL_URL }
    expect(readHostUrl(env)).toBe('https://app-1a2b3c.vercel.app')
  })

  it('has the basePath of next.config, which Vercel does not know', () => {
    expect(readHostUrl({ ...vercel, VERCEL_ENV: 'production' }, '/shop')).toBe('https://app.host.dev/shop')
  })

  it('is nothing when the host says nothing', () => {
    expect(readHostUrl({ VERCEL_ENV: 'production' }, '/shop')).toBeUndefined()
  })
})

describe('readOtherHosts', () => {
  const VERCEL_URL = 'app-1a2b3c.vercel.app'
  const vercel = { VERCEL: '1', VERCEL_URL, VERCEL_BRANCH_URL: 'app-git-x.vercel.app' }

  it('LB-4 is localhost for a loopback address', () => {
    expect([...readOtherHosts({}, 'http://127.0.0.1:3000')]).toEqual([
      'localhost',
      'localhost:3000',
      '[::1]:3000',
    ])
  })

  it('is what Vercel calls the same deployment, but for the public name itself', () => {
    expect([...readOtherHosts(vercel, 'https://app-git-x.vercel.app')]).toEqual([VERCEL_URL])
    expect([...readOtherHosts({ ...vercel, VERCEL: undefined }, 'https://app.host.dev')]).toEqual([])
  })
})

describe('checkReach', () => {
  const own = [
    'http://127.0.0.1:3000',
    'https://app.internal:8443',
    'https://app.home.arpa',
    'https://app.alt',
  ]
  it.each(own)('LB-5: allows the local network at %s', (publicUrl) => {
    expect(() => checkReach(publicUrl, localNetwork)).not.toThrow()
  })

  const open = [
    'https://app.host.dev',
    'https://internal.host.dev',
    'https://app.internal.dev',
    'https://app.test',
  ]
  it.each(open)('LB-5: refuses to open loopback addresses where strangers come by: %s', (publicUrl) => {
    expect(() => checkReach(publicUrl, localNetwork)).toThrow(/localNetwork.*Remove it/)
  })

  it('LB-2 refuses the name localhost, which may lead elsewhere', () => {
    expect(() => checkReach('http://localhost:3000')).toThrow(/needs http:\/\/127\.0\.0\.1/)
  })

  it('MD-1 refuses a port in the public URL, because the client_id must have none', () => {
    expect(() => checkReach('https://app.host.dev:8443')).toThrow(/PUBLIC_URL.*no port/)
  })

  it('asks nothing of a public name without the option', () => {
    expect(() => checkReach('https://app.host.dev')).not.toThrow()
  })
})
