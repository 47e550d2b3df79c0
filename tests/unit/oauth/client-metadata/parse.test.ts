import { type OAuthClientMetadataInput, oauthClientMetadataSchema } from '@atproto/oauth-client'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { buildClientMetadata } from '../../../../lib/oauth/client-metadata/build.ts'
import { type ClientMetadataInput, parseClientMetadata } from '../../../../lib/oauth/client-metadata/parse.ts'
import {
  confidential,
  keyset,
  native,
  parseConfidential,
  parsePublic,
} from '../../../support/unit/client-metadata-input.ts'
import { labelled } from '../../../support/unit/labelled.ts'

const paths = {
  metadataPath: '/oauth-client-metadata.json',
  jwksPath: '/oauth/jwks.json',
  callbackPath: '/oauth/callback',
}

describe('parseClientMetadata', () => {
  const built = {
    'a public name': ['https://app.host.dev', false],
    'a private name with a port': ['https://app.demo.internal:8443', true],
    'this machine': ['http://127.0.0.1:3000', true],
    'this machine by IPv6': ['http://[::1]:3000', false],
  } as const
  it.each(Object.entries(built))('gives back what buildClientMetadata made for %s', (_what, given) => {
    const [publicUrl, allowLoopback] = given
    const texts = { clientName: 'App', logoUri: 'https://app.host.dev/logo.png' }
    const metadata = buildClientMetadata({ publicUrl, scope: 'atproto repo:a.b.c', ...paths, ...texts })
    const isPublic = metadata.token_endpoint_auth_method === 'none'
    const options = { keyset: isPublic ? undefined : keyset, allowLoopback }
    expect(parseClientMetadata(metadata, options)).toEqual(metadata)
  })

  it('takes the documented examples of the official client as they are', () => {
    expect(parseConfidential()).toEqual(confidential)
    expect(parsePublic(native)).toMatchObject(native)
  })

  it('takes what the official client’s types allow, and that client takes what comes out', () => {
    const given: OAuthClientMetadataInput = {
      client_id: 'https://my-app.com/client-metadata.json',
      redirect_uris: ['https://my-app.com/callback'],
      scope: 'atproto',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      subject_type: 'public',
      authorization_signed_response_alg: 'RS256',
      contacts: ['somebody@my-app.com'],
      jwks: { keys: [...keyset.publicJwks.keys] },
    }
    const input: ClientMetadataInput = { ...given, client_id: 'https://my-app.com/client-metadata.json' }
    const metadata = parseClientMetadata(input, { keyset, allowLoopback: false })
    expect(metadata).not.toHaveProperty('contacts')
    expect(oauthClientMetadataSchema.parse(metadata)).toMatchObject(metadata)
  })

  it('MD-4 MD-7 fills in what the profile prescribes', () => {
    const { application_type: _a, response_types: _r, grant_types: _g, ...rest } = confidential
    const { dpop_bound_access_tokens: _d, token_endpoint_auth_signing_alg: _t, ...given } = rest
    expect(parseClientMetadata(given, { keyset, allowLoopback: false })).toEqual(confidential)
  })

  it('takes undefined for left out', () => {
    expect(parseConfidential({ client_name: undefined })).not.toHaveProperty('client_name')
  })

  it('leaves out unknown fields, and what an object inherits', () => {
    const given = JSON.parse('{"extra":1,"__proto__":{"polluted":1}}')
    expect(parseConfidential(given)).toEqual(confidential)
    expect({}).not.toHaveProperty('polluted')
  })

  it('takes several redirect URIs and a client_id with a query', () => {
    const change = {
      client_id: 'https://my-app.com/client-metadata.json?v=2',
      redirect_uris: ['https://my-app.com/a', 'https://other.host.dev/b?c=d'],
    }
    expect(parseConfidential(change)).toMatchObject(change)
  })

  it('shortens response types to the one that is used', () => {
    expect(parseConfidential({ response_types: ['code', 'code id_token'] }).response_types).toEqual(['code'])
  })
})

describe('parseClientMetadata refuses', () => {
  const fields: Readonly<Record<string, readonly unknown[]>> = {
    client_id: [undefined, 7, '', null],
    client_name: [7, ''],
    client_uri: ['my-app.com', 'http://my-app.com', 7],
    logo_uri: [
      'http://my-app.com/logo.png',
      'data:image/png;base64,AAAA',
      'javascript:alert(1)',
      '/logo.png',
    ],
    tos_uri: ['http://my-app.com/tos'],
    policy_uri: ['http://my-app.com/policy'],
    application_type: ['browser', 7],
    redirect_uris: [undefined, [], 'https://my-app.com/callback', [7]],
    response_types: [[], ['token'], 'code'],
    grant_types: [
      ...[[], ['authorization_code'], ['refresh_token'], 'authorization_code'],
      ...[
        ['authorization_code', 'refresh_token', 'implicit'],
        ['authorization_code', 'authorization_code'],
      ],
    ],
    scope: [undefined, '', 7],
    dpop_bound_access_tokens: [false, 'true'],
    token_endpoint_auth_method: [undefined, 'client_secret_basic', 'client_secret_post', 'tls_client_auth'],
    client_secret: ['secret'],
  }
  const rows = Object.entries(fields).flatMap(([field, values]) => values.map((value) => ({ field, value })))
  it.each(rows)('MD-4 MD-5 MD-7 MD-8 MD-9 $field $value, naming the field', ({ field, value }) => {
    const parse = () => parseConfidential({ [field]: value })
    expect(parse).toThrow(ConfigurationError)
    expect(parse).toThrow(`clientMetadata.${field}`)
  })

  it.each(labelled(['transition:generic', 'xatproto', 'atproto atproto', 'atproto openid', 'atproto a"b']))(
    'MD-5 SC-1 the scope %s',
    (_label, scope) => {
      expect(() => parseConfidential({ scope })).toThrow(ConfigurationError)
    },
  )

  const clientIds = [
    ...['https://a.host.dev:8443/x', 'https://a.host.dev:443/x', 'https://a.host.dev/', 'https://a.host.dev'],
    ...['https://a.host.dev/x/', 'https://1.2.3.4/x', 'https://[2606:4700::1111]/x', 'https://localhost/x'],
    ...['https://app.local/x', 'https://app.test/x', 'https://intranet/x', 'https://a.host.dev/a/../x'],
    ...[
      'https://a.host.dev/x#y',
      'https://a.host.dev/x#',
      'https://u:p@a.host.dev/x',
      'https://A.host.dev/x',
    ],
    ...[
      'https://a.host.dev/%7Ex/../y',
      'https://a.host.dev./x',
      'ftp://a.host.dev/x',
      'client',
      ' https://a.b/x',
    ],
  ]
  it.each(clientIds)('MD-1 the client_id %s', (client_id) => {
    const parse = () => parseConfidential({ client_id, client_uri: undefined })
    expect(parse).toThrow(ConfigurationError)
    expect(parse).toThrow(/The client_id/)
  })

  it('MD-1 a port in the client_id even where other ports are reached, unless the network is this machine’s', () => {
    const given = { ...native, client_id: 'https://app.demo.internal:8443/client.json' }
    expect(() => parsePublic(given)).toThrow(/has a port/)
    expect(parsePublic(given, true).client_id).toBe(given.client_id)
  })

  const clientUris = [
    'https://other.host.dev',
    'https://www.my-app.com',
    'https://my-app.com:8443',
    'https://my-app.com/other',
    'https://my-app.com/client',
  ]
  it.each(clientUris)('MD-9 the client_uri %s, which is not above the client_id', (client_uri) => {
    expect(() => parseConfidential({ client_uri })).toThrow(/client_uri must be on the origin/)
  })

  it('MD-9 no client_uri on the way to the client_id', () => {
    const client_id = 'https://my-app.com/a/b/client.json'
    for (const path of ['', '/', '/a', '/a/', '/a/b', '/a/b/client.json'])
      expect(() => parseConfidential({ client_id, client_uri: `https://my-app.com${path}` })).not.toThrow()
  })
})
