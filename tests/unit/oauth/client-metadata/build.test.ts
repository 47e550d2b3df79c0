import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { buildClientMetadata, isLoopbackUrl } from '../../../../lib/oauth/client-metadata/build.ts'

const paths = {
  metadataPath: '/oauth-client-metadata.json',
  jwksPath: '/oauth/jwks.json',
  callbackPath: '/oauth/callback',
}
const build = (publicUrl: string, scope = 'atproto repo:app.bsky.feed.post', texts: object = {}) =>
  buildClientMetadata({ publicUrl, scope, ...paths, ...texts })

describe('buildClientMetadata on a public name', () => {
  it('MD-4 MD-6 MD-7 MD-8 describes a confidential client', () => {
    expect(build('https://app.host.dev')).toEqual({
      client_id: 'https://app.host.dev/oauth-client-metadata.json',
      client_uri: 'https://app.host.dev',
      application_type: 'web',
      redirect_uris: ['https://app.host.dev/oauth/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'atproto repo:app.bsky.feed.post',
      dpop_bound_access_tokens: true,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks_uri: 'https://app.host.dev/oauth/jwks.json',
    })
  })

  it('shows the texts that are given', () => {
    const texts = {
      clientName: 'My App',
      logoUri: 'https://app.host.dev/logo.svg',
      tosUri: 'https://app.host.dev/terms',
      policyUri: 'https://app.host.dev/privacy',
    }
    expect(build('https://app.host.dev', 'atproto', texts)).toMatchObject({
      client_name: 'My App',
      logo_uri: texts.logoUri,
      tos_uri: texts.tosUri,
      policy_uri: texts.policyUri,
    })
  })

  it('has no member for a text that is undefined', () => {
    const texts = { clientName: undefined, logoUri: undefined }
    expect(Object.keys(build('https://app.host.dev', 'atproto', texts))).not.toContain('logo_uri')
  })
})

describe('buildClientMetadata on this machine', () => {
  it.each(['http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'MD-7 LB-3 describes a loopback client at %s',
    (publicUrl) => {
      const metadata = build(publicUrl)
      expect(metadata).toMatchObject({
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${publicUrl}/oauth/callback`],
      })
      expect(metadata).not.toHaveProperty('jwks_uri')
      expect(metadata).not.toHaveProperty('token_endpoint_auth_signing_alg')
    },
  )

  it('LB-1 declares redirect URI and the full scope in the client_id itself', () => {
    const { client_id } = build('http://127.0.0.1:3000')
    const { origin, searchParams } = new URL(client_id)
    expect([origin, Object.fromEntries(searchParams)]).toEqual([
      'http://localhost',
      { redirect_uri: 'http://127.0.0.1:3000/oauth/callback', scope: 'atproto repo:app.bsky.feed.post' },
    ])
  })

  it('LB-2 refuses the name localhost, which may resolve elsewhere (RFC 8252)', () => {
    expect(() => build('http://localhost:3000')).toThrow(/http:\/\/127\.0\.0\.1/)
  })
})

describe('buildClientMetadata reads the scope', () => {
  it('MD-5 puts its words in order with single spaces', () => {
    expect(build('https://app.host.dev', '  atproto   repo:a.b.c ').scope).toBe('atproto repo:a.b.c')
  })

  it.each(['', 'repo:a.b.c', 'xatproto', 'ATPROTO', 'atproto:x'])(
    'SC-1 refuses %j without atproto',
    (scope) => {
      expect(() => build('https://app.host.dev', scope)).toThrow(ConfigurationError)
    },
  )

  it('MD-5 refuses one scope named twice', () => {
    expect(() => build('https://app.host.dev', 'atproto a atproto')).toThrow(ConfigurationError)
  })
})

describe('isLoopbackUrl', () => {
  it.each(['http://127.0.0.1', 'http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000'])(
    'LB-5 knows %s',
    (url) => {
      expect(isLoopbackUrl(url)).toBe(true)
    },
  )

  const others = [
    'https://127.0.0.1',
    'https://localhost',
    'http://127.0.0.1.evil.dev',
    'http://localhost.evil.dev',
    'http://evil.dev/127.0.0.1',
    'http://127.0.0.1@evil.dev',
    'http://192.168.0.1',
    'http://0.0.0.0',
    'localhost:3000',
    '',
  ]
  it.each(others)('LB-5 does not take %j for this machine', (url) => {
    expect(isLoopbackUrl(url)).toBe(false)
  })
})
