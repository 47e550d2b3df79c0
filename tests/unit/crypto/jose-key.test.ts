import { inspect } from 'node:util'
import { calculateJwkThumbprint, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { JoseKey } from '../../../lib/crypto/jose-key.ts'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { ConfigurationError } from '../../../lib/errors.ts'
import { refusalOf } from '../../support/refusal.ts'
import { ecKey, pkcs8, sec1 } from '../../support/unit/pem.ts'

const jwk = await generatePrivateJwk()
const other = await generatePrivateJwk()
const thumbprint = await calculateJwkThumbprint({ ...jwk })

describe('JoseKey.fromImportable', () => {
  it('takes a JWK or its JSON text', async () => {
    for (const input of [jwk, JSON.stringify(jwk)]) {
      const key = await JoseKey.fromImportable(input, 'key1')
      expect(key.privateJwk).toEqual({ ...jwk, kid: 'key1', alg: 'ES256' })
    }
  })

  it('takes PEM in PKCS#8 and SEC1', async () => {
    const key = ecKey()
    const { x, d } = key.export({ format: 'jwk' })
    for (const pem of [pkcs8(key), sec1(key)])
      expect((await JoseKey.fromImportable(pem, 'key1')).privateJwk).toMatchObject({ kid: 'key1', x, d })
  })

  it('takes keys of the platform that may be exported', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const inputs = [ecKey(), privateKey]
    const keys = await Promise.all(inputs.map((input) => JoseKey.fromImportable(input, 'k')))
    expect(keys.map(({ kid }) => kid)).toEqual(['k', 'k'])
  })

  it('refuses a key of the platform that may not be exported', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    await expect(JoseKey.fromImportable(privateKey)).rejects.toThrow(/extractable/)
  })

  it('names the key by the given kid, by its own, or by its thumbprint', async () => {
    const keys = [
      await JoseKey.fromImportable(jwk, 'given'),
      await JoseKey.fromImportable({ ...jwk, kid: 'own' }),
      await JoseKey.fromImportable({ ...jwk, kid: 'own' }, 'own'),
      await JoseKey.fromImportable(jwk),
    ]
    expect(keys.map(({ kid }) => kid)).toEqual(['given', 'own', 'own', thumbprint])
  })

  it('refuses a kid that contradicts the key’s own', async () => {
    await expect(JoseKey.fromImportable({ ...jwk, kid: 'own' }, 'given')).rejects.toThrow(/own.*given/)
  })

  it('refuses several keys', async () => {
    await expect(JoseKey.fromImportable({ keys: [jwk, jwk] })).rejects.toThrow(/several/)
    await expect(JoseKey.fromImportable(pkcs8(ecKey()) + pkcs8(ecKey()))).rejects.toThrow(/several/)
  })

  const { d: _d, ...publicJwk } = jwk
  const refused: Readonly<Record<string, string | object>> = {
    nothing: '',
    garbage: 'canary garbage',
    'an empty object': {},
    'an empty list': [],
    'a public key': publicJwk,
    'a key of another curve': { ...jwk, crv: 'P-384' },
    'a key for another algorithm': { ...jwk, alg: 'ES256K' },
    'halves that do not belong together': { ...jwk, x: other.x, y: other.y },
    'JSON that was cut off': JSON.stringify(jwk).slice(0, -4),
  }
  it.each(Object.entries(refused))('refuses %s, and shows nothing of it', async (_what, input) => {
    const error = await refusalOf(JoseKey.fromImportable(input))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(inspect(error, { depth: 9 })).not.toMatch(new RegExp(`${jwk.d}|canary`))
  })
})

describe('JoseKey.fromJWK', () => {
  it('takes a JWK or its JSON text', async () => {
    expect((await JoseKey.fromJWK(jwk)).kid).toBe(thumbprint)
    expect((await JoseKey.fromJWK(JSON.stringify(jwk))).kid).toBe(thumbprint)
  })

  it('refuses PEM', async () => {
    await expect(JoseKey.fromJWK(pkcs8(ecKey()))).rejects.toBeInstanceOf(ConfigurationError)
  })
})

describe('JoseKey.generate', () => {
  it('makes another key each time, named by its thumbprint or as told', async () => {
    const [one, two] = [await JoseKey.generate(), await JoseKey.generate(['RS256', 'ES256'], 'k')]
    expect(one.kid).toBe(await calculateJwkThumbprint(one.publicJwk))
    expect(two.kid).toBe('k')
    expect(one.publicJwk.x).not.toBe(two.publicJwk.x)
  })

  it.each([[['RS256']], [['ES256K', 'ES384']], [[]]])('refuses to make a key for %j', async (algorithms) => {
    await expect(JoseKey.generate(algorithms)).rejects.toThrow(/Only ES256/)
  })
})

describe('a JoseKey', () => {
  it('says what it is in the words of @atproto/jwk', async () => {
    const key = await JoseKey.fromImportable(jwk, 'k')
    const { kty, crv, x, y } = jwk
    expect({ alg: key.alg, algorithms: key.algorithms, isPrivate: key.isPrivate }).toEqual({
      alg: 'ES256',
      algorithms: ['ES256'],
      isPrivate: true,
    })
    expect(key.publicJwk).toEqual({ kty, crv, x, y, kid: 'k', alg: 'ES256', use: 'sig' })
  })

  it('KS-10 shows its public half alone when it is printed, spread or made JSON of', async () => {
    const key = await JoseKey.fromImportable(jwk, 'k')
    const shown = [
      inspect(key, { depth: 9, showHidden: true, getters: true }),
      inspect(key, { customInspect: false, showHidden: true }),
      inspect({ ...key }),
      JSON.stringify({ key }),
      String(key),
    ].join()
    expect(shown).toContain(jwk.x)
    expect(shown).not.toContain(jwk.d)
  })
})
