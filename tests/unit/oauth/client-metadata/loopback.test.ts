import { atprotoLoopbackClientMetadata } from '@atproto/oauth-client'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { parseClientMetadata } from '../../../../lib/oauth/client-metadata/parse.ts'
import { keyset, parsePublic } from '../../../support/unit/client-metadata-input.ts'

const SCOPE = 'atproto transition:generic'
const REDIRECT = 'http://127.0.0.1:3000/callback'
const client_id = `http://localhost?${new URLSearchParams({ redirect_uri: REDIRECT, scope: SCOPE })}`

describe('parseClientMetadata of a loopback client', () => {
  it('LB-1 derives redirect URIs and scope from the client_id, as servers do', () => {
    expect(parsePublic({ client_id })).toEqual({
      client_id,
      application_type: 'native',
      redirect_uris: [REDIRECT],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: SCOPE,
      dpop_bound_access_tokens: true,
      token_endpoint_auth_method: 'none',
    })
  })

  const clientIds = [
    'http://localhost',
    'http://localhost/',
    'http://localhost?scope=atproto%20repo:a.b.c',
    'http://localhost/?redirect_uri=http%3A%2F%2F127.0.0.1%2Fa&redirect_uri=http%3A%2F%2F%5B%3A%3A1%5D%2Fb',
  ]
  it.each(clientIds)('LB-1 LB-2 derives the same as the official client from %s', (client_id) => {
    const official = atprotoLoopbackClientMetadata(client_id)
    expect(parsePublic({ client_id })).toEqual(official)
    expect(parsePublic(official)).toEqual(official)
  })

  const malformed = [
    ...['http://127.0.0.1', 'http://127.0.0.1/?scope=atproto', 'http://[::1]', 'http://localhost:3000'],
    ...[
      'http://localhost/cb',
      'http://localhost/cb?scope=atproto',
      'http://localhost#x',
      'http://localhost?#x',
    ],
    ...[
      'http://localhost?client_name=x',
      'http://localhost?scope=atproto&scope=atproto',
      'http://localhost.evil.dev',
    ],
    ...[
      'http://user@localhost',
      'http://localhost?scope=transition:generic',
      'http://my-app.com/client.json',
    ],
  ]
  it.each(malformed)('LB-1 refuses %s', (client_id) => {
    expect(() => parsePublic({ client_id })).toThrow(ConfigurationError)
  })

  const redirects = [
    ...[
      'http://localhost:3000/callback',
      'https://127.0.0.1/callback',
      'http://127.0.0.2/',
      'http://my-app.com/',
    ],
    ...['http://127.0.0.1/cb#x', 'http://u:p@127.0.0.1/cb', 'javascript:alert(1)', ''],
    // A URL parser would correct them.
    ...[
      'http:/127.0.0.1/cb',
      'http:127.0.0.1/cb',
      'http:\\\\127.0.0.1/cb',
      'http://127.0.0.1\t/cb',
      'http://127.1/cb',
    ],
  ]
  it.each(redirects)('LB-2 refuses the redirect URI %j in it', (redirect_uri) => {
    const client_id = `http://localhost?${new URLSearchParams({ redirect_uri })}`
    expect(() => parsePublic({ client_id })).toThrow(/http:\/\/127\.0\.0\.1/)
  })

  it('LB-2 takes any port for a redirect URI that is declared without one, and no other path', () => {
    expect(
      parsePublic({ client_id: 'http://localhost', redirect_uris: ['http://127.0.0.1:8080/'] }),
    ).toMatchObject({
      redirect_uris: ['http://127.0.0.1:8080/'],
    })
    const other = { client_id: 'http://localhost', redirect_uris: ['http://127.0.0.1:8080/callback'] }
    expect(() => parsePublic(other)).toThrow(/add redirect_uri=http%3A%2F%2F127/)
  })

  it('LB-2 keeps to the port that is declared', () => {
    const redirect_uris = ['http://127.0.0.1:4000/callback']
    expect(() => parsePublic({ client_id, redirect_uris })).toThrow(/not in the client_id/)
  })

  it('LB-1 refuses a scope that the client_id does not say, in whatever order it says it', () => {
    expect(() => parsePublic({ client_id, scope: 'atproto' })).toThrow(/servers go by the client_id/)
    expect(parsePublic({ client_id, scope: 'transition:generic atproto' }).scope).toBe(SCOPE)
  })

  it('LB-3 refuses keys and another way to authenticate', () => {
    expect(() => parseClientMetadata({ client_id }, { keyset, allowLoopback: true })).toThrow(/no keys/)
    const token_endpoint_auth_method = 'private_key_jwt'
    expect(() => parsePublic({ client_id, token_endpoint_auth_method })).toThrow(/no keys/)
  })

  it('refuses to be a web client', () => {
    expect(() => parsePublic({ client_id, application_type: 'web' })).toThrow(/"native"/)
  })
})
