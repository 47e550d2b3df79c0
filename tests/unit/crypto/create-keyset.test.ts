import { inspect } from 'node:util'
import { JoseKey as OfficialKey } from '@atproto/jwk-jose'
import { Keyset as OfficialKeyset } from '@atproto/oauth-client'
import { describe, expect, it } from 'vitest'
import { JoseKey } from '../../../lib/crypto/jose-key.ts'
import { type ClientKeyInput, createKeyset, generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { ConfigurationError } from '../../../lib/errors.ts'
import { refusalOf } from '../../support/refusal.ts'

const jwk = await generatePrivateJwk()
const other = await generatePrivateJwk()
const kids = (keys: Iterable<ClientKeyInput>) => createKeyset(keys).publicJwks.keys.map(({ kid }) => kid)

describe('createKeyset', () => {
  it('KS-7 signs with the first key and publishes all, in their order', () => {
    const keyset = createKeyset([
      { ...jwk, kid: 'new' },
      { ...other, kid: 'old' },
    ])
    expect(keyset.active.kid).toBe('new')
    expect(keyset.publicJwks.keys.map(({ kid, x }) => [kid, x])).toEqual([
      ['new', jwk.x],
      ['old', other.x],
    ])
    expect(keyset.find('old')?.publicJwk.x).toBe(other.x)
  })

  it('takes keys of this library', async () => {
    expect(kids([await JoseKey.generate(['ES256'], 'a'), await JoseKey.generate(['ES256'], 'b')])).toEqual([
      'a',
      'b',
    ])
  })

  it('takes keys of @atproto/jwk-jose, and a key set of @atproto/jwk', async () => {
    const keys = [
      await OfficialKey.generate(['ES256'], 'a'),
      await OfficialKey.fromImportable({ ...jwk }, 'b'),
    ]
    expect(kids(keys)).toEqual(['a', 'b'])
    expect(kids(new OfficialKeyset(keys))).toEqual(['a', 'b'])
  })

  it('leaves out what is no key, so that a list may hold keys on condition', () => {
    expect(createKeyset([null, undefined, false, { ...jwk, kid: 'k' }]).publicJwks.keys).toHaveLength(1)
  })

  it('KS-1 publishes public members only, whatever the key carries', () => {
    const extra = { use: 'sig', key_ops: ['sign'], ext: true, alg: 'ES256', n: 'x', k: 'x' }
    const { publicJwks } = createKeyset([{ ...jwk, ...extra, kid: 'k' }])
    const { kty, crv, x, y } = jwk
    expect(publicJwks.keys).toEqual([{ kty, crv, x, y, kid: 'k', alg: 'ES256', use: 'sig' }])
  })

  it('KS-10 shows no private half when it is printed or made JSON of', () => {
    const keyset = createKeyset([{ ...jwk, kid: 'k' }])
    const shown = inspect(keyset, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(keyset)
    expect(shown).toContain(jwk.x)
    expect(shown).not.toContain(jwk.d)
  })

  it('does not sign with a public half that belongs to another private key, imported before', async () => {
    await createKeyset([{ ...jwk, kid: 'k' }]).active.importKey()
    const mixed = createKeyset([{ ...jwk, x: other.x, y: other.y, kid: 'k' }])
    await expect(mixed.active.importKey()).rejects.toBeInstanceOf(ConfigurationError)
  })
})

describe('createKeyset refuses', () => {
  const named = { ...jwk, kid: 'k' }
  const refused: Readonly<Record<string, readonly [ClientKeyInput[], RegExp]>> = {
    'no keys': [[], /1 to 16 keys/],
    'seventeen keys': [Array.from({ length: 17 }, (_, index) => ({ ...jwk, kid: `${index}` })), /got 17\./],
    'a key without kid': [[named, jwk], /Client key 2 has no kid\. Give it one/],
    'two keys of one id': [[named, { ...other, kid: 'k' }], /needs a different kid/],
    'an empty kid': [[{ ...jwk, kid: '' }], /kid that is not a string/],
    'an endless kid': [[{ ...jwk, kid: 'k'.repeat(257) }], /kid that is not a string/],
    'an RSA key': [[{ kty: 'RSA', kid: 'k', d: 'x' }], /Client key 1 is not a P-256 key.*ES256/],
    'a P-384 key': [[{ ...named, crv: 'P-384' }], /not a P-256 key/],
    'a secp256k1 key': [[{ ...named, crv: 'secp256k1' }], /not a P-256 key/],
    'a symmetric key': [[{ kty: 'oct', kid: 'k' }], /not a P-256 key/],
    'a public key': [[{ ...named, d: undefined }], /no private half/],
    'a key for RS256': [[{ ...named, alg: 'RS256' }], /an algorithm other than ES256/],
    'a key for encryption': [[{ ...named, use: 'enc' }], /not declared for signatures/],
    'a key for verification': [[{ ...named, key_ops: ['verify'] }], /not declared for signing/],
    'an object without a key': [[{ privateJwk: undefined }], /not a JSON Web Key/],
  }
  it.each(Object.entries(refused))('KS-2 %s, and shows nothing of it', (_what, [keys, advice]) => {
    const create = () => createKeyset(keys)
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(advice)
    expect(create).toThrow(expect.not.objectContaining({ message: expect.stringContaining(jwk.d) }))
  })

  it('a public key of @atproto/jwk-jose', async () => {
    const { d: _d, ...publicJwk } = jwk
    const key = await OfficialKey.fromJWK({ ...publicJwk, key_ops: ['verify'] }, 'k')
    expect(() => createKeyset([key])).toThrow(/no private half/)
  })

  it('a promise of a key, which was not awaited', async () => {
    // @ts-expect-error What JavaScript lets through.
    expect(() => createKeyset([JoseKey.generate()])).toThrow(/await/)
  })

  it('an RSA key of @atproto/jwk-jose among good ones', async () => {
    const keys = [await OfficialKey.generate(['ES256'], 'a'), await OfficialKey.generate(['RS256'], 'b')]
    const error = await refusalOf(Promise.resolve().then(() => createKeyset(keys)))
    expect(error.message).toMatch(/Client key 2 is not a P-256 key/)
  })
})
