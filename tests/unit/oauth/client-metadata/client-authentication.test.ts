import { describe, expect, it } from 'vitest'
import { createKeyset, generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { parseClientMetadata } from '../../../../lib/oauth/client-metadata/parse.ts'
import {
  confidential,
  keyset,
  native,
  parseConfidential,
  parsePublic,
} from '../../../support/unit/client-metadata-input.ts'

const inline = { jwks_uri: undefined, jwks: keyset.publicJwks }
const [published] = keyset.publicJwks.keys
const otherKeys = createKeyset([{ ...(await generatePrivateJwk()), kid: 'key1' }])

describe('a confidential client’s metadata', () => {
  it('MD-6 may hold the keys themselves', () => {
    const metadata = parseConfidential(inline)
    expect(metadata.jwks).toEqual(keyset.publicJwks)
    expect(metadata).not.toHaveProperty('jwks_uri')
  })

  it('MD-6 holds the keys when it does not say where they are', () => {
    expect(parseConfidential({ jwks_uri: undefined }).jwks).toEqual(keyset.publicJwks)
  })

  it('MD-6 refuses both jwks and jwks_uri', () => {
    expect(() => parseConfidential({ jwks: keyset.publicJwks })).toThrow(
      /jwks must be absent beside jwks_uri/,
    )
  })

  it('KS-7 may publish more keys than sign', () => {
    const jwks = { keys: [...keyset.publicJwks.keys, { ...otherKeys.publicJwks.keys[0], kid: 'old' }] }
    expect(parseConfidential({ ...inline, jwks }).jwks?.keys).toHaveLength(2)
  })

  const incomplete = { 'no key': [], 'another key under its id': [...otherKeys.publicJwks.keys] }
  it.each(Object.entries(incomplete))(
    'KS-2 refuses a jwks with %s: assertions would be refused',
    (_what, keys) => {
      expect(() => parseConfidential({ ...inline, jwks: { keys } })).toThrow(
        /key1 of the keyset is not in it/,
      )
    },
  )

  const unfit = {
    'a private key': { ...published, d: 'A'.repeat(43) },
    'an RSA key': { kty: 'RSA', n: 'x', e: 'AQAB', kid: 'key1' },
    'a key without kid': { ...published, kid: undefined },
    'no key at all': 'key1',
  }
  it.each(Object.entries(unfit))('KS-1 refuses %s in jwks, and shows nothing of it', (_what, key) => {
    const parse = () => parseConfidential({ ...inline, jwks: { keys: [key] } })
    expect(parse).toThrow(
      /^clientMetadata\.jwks must be public P-256 keys, each with a kid and without "d"\.$/,
    )
  })

  const unreachable = [
    'http://my-app.com/jwks',
    'https://localhost/jwks',
    'https://10.0.0.1/jwks',
    '/jwks',
    '',
  ]
  it.each(unreachable)('KS-2 refuses the jwks_uri %j, which servers cannot fetch', (jwks_uri) => {
    expect(() => parseConfidential({ jwks_uri })).toThrow(/clientMetadata\.jwks_uri/)
  })

  it.each(['RS256', 'ES256K', 'none', 'HS256'])('MD-7 refuses %s, and says why it has to be ES256', (alg) => {
    const parse = () => parseConfidential({ token_endpoint_auth_signing_alg: alg })
    expect(parse).toThrow(
      /token_endpoint_auth_signing_alg must be "ES256": every AT Protocol server accepts ES256/,
    )
  })

  it('needs keys', () => {
    expect(() => parsePublic(confidential)).toThrow(/give a keyset/)
  })

  it('is not that of a native client: servers take those as public ones', () => {
    expect(() => parseConfidential({ application_type: 'native' })).toThrow(/application_type must be "web"/)
  })

  it('is read without the keys where the document is all there is', () => {
    const metadata = parseClientMetadata(confidential, { keyset: 'unknown', allowLoopback: false })
    expect(metadata).toEqual(confidential)
    const { jwks_uri: _uri, ...without } = confidential
    const parse = () => parseClientMetadata(without, { keyset: 'unknown', allowLoopback: false })
    expect(parse).toThrow(/jwks_uri must be there/)
  })
})

describe('a public client’s metadata', () => {
  it('MD-7 says so', () => {
    expect(parsePublic(native)).toMatchObject({ token_endpoint_auth_method: 'none' })
    const { token_endpoint_auth_method: _m, ...without } = native
    expect(() => parsePublic(without)).toThrow(/"none" for a client without keys; written out/)
  })

  it('refuses keys', () => {
    expect(() => parseClientMetadata(native, { keyset, allowLoopback: false })).toThrow(/as there are keys/)
  })

  const surplus = {
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: 'https://my-app.com/jwks.json',
    jwks: { keys: [] },
  }
  it.each(Object.entries(surplus))('MD-7 refuses %s', (field, value) => {
    expect(() => parsePublic({ ...native, [field]: value })).toThrow(`clientMetadata.${field} must be absent`)
  })
})
