import { createPublicKey } from 'node:crypto'
import { inspect } from 'node:util'
import { calculateJwkThumbprint, importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { importKeyset } from '../../../lib/crypto/keyset.ts'
import { ConfigurationError } from '../../../lib/errors.ts'
import { refusalOf } from '../../support/refusal.ts'
import { ecKey, encrypted, pkcs8, rsaKey, sec1, secretLines } from '../../support/unit/pem.ts'

const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'

describe('importKeyset of a PEM text', () => {
  const key = ecKey()
  const { x, y } = key.export({ format: 'jwk' })
  const spellings = {
    'PKCS#8': pkcs8(key),
    'SEC1, as openssl ecparam writes it': sec1(key),
    'SEC1 behind its parameters': parameters + sec1(key),
    'one line with \\n, as in an environment file': pkcs8(key).replaceAll('\n', '\\n'),
    'Windows line ends': pkcs8(key).replaceAll('\n', '\r\n'),
    'text around it': `Bag Attributes: none\n${pkcs8(key)}\nthe end`,
  }
  it.each(Object.entries(spellings))('takes %s, and names the key by its thumbprint', async (_form, pem) => {
    const { publicJwks } = await importKeyset(pem)
    const kid = await calculateJwkThumbprint({ kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' })
    expect(publicJwks).toEqual({ keys: [{ kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }] })
  })

  it('signs with a key from PEM', async () => {
    const { active } = await importKeyset(sec1(key))
    const { sign } = await active.importKey()
    const verified = await jwtVerify(
      await sign({}, { sub: 'signed' }),
      await importJWK({ ...active.publicJwk }, 'ES256'),
    )
    expect(verified.payload).toEqual({ sub: 'signed' })
  })

  it('KS-7 takes several keys in one text, in their order', async () => {
    const [first, second] = [ecKey(), ecKey()]
    const { publicJwks } = await importKeyset(pkcs8(first) + sec1(second))
    const expected = [first, second].map((one) => one.export({ format: 'jwk' }).x)
    expect(publicJwks.keys.map((one) => one.x)).toEqual(expected)
  })

  it('takes a list of PEM texts and JWKs', async () => {
    const jwk = { ...ecKey().export({ format: 'jwk' }), kid: 'second' }
    const { publicJwks } = await importKeyset([pkcs8(key), jwk])
    expect(publicJwks.keys.map((one) => one.x)).toEqual([x, jwk.x])
  })

  const refused = {
    'an RSA key': [pkcs8(rsaKey()), /RSA/],
    'a P-384 key': [pkcs8(ecKey('P-384')), /P-256/],
    'a P-521 key, too long for its wrapping': [sec1(ecKey('P-521')), /P-256/],
    'a secp256k1 key': [pkcs8(ecKey('secp256k1')), /P-256/],
    'a secp256k1 key in SEC1': [sec1(ecKey('secp256k1')), /P-256/],
    'an encrypted key': [encrypted(ecKey(), 'pkcs8'), /openssl pkcs8 -topk8 -nocrypt/],
    'an encrypted SEC1 key': [encrypted(ecKey(), 'sec1'), /openssl pkcs8 -topk8 -nocrypt/],
    'a public key': [
      createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
      /this is a "PUBLIC KEY"/,
    ],
    'a key that was cut off': [pkcs8(key).slice(0, 150), /cut off/],
    'a second key that was cut off': [pkcs8(key) + pkcs8(ecKey()).slice(0, 150), /cut off/],
    'a key with a letter missing': [pkcs8(key).replace(/\nM../, '\nM'), /P-256/],
    'parameters alone': [parameters, /needs 1 to 16 keys, got 0\./],
  } as const
  it.each(Object.entries(refused))('refuses %s, and shows nothing of it', async (_what, [pem, advice]) => {
    const error = await refusalOf(importKeyset(pem))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(advice)
    const shown = inspect(error, { depth: 9 })
    for (const line of secretLines(pem)) expect(shown).not.toContain(line)
  })
})

describe('importKeyset of a JSON text', () => {
  const jwk = ecKey().export({ format: 'jwk' })

  it.each([jwk, [jwk], { keys: [jwk] }])('takes one key, a list or a JWKS', async (value) => {
    const { active } = await importKeyset(` ${JSON.stringify(value)}\n`)
    expect(active.publicJwk.x).toBe(jwk.x)
  })

  it('takes the quotation marks that docker leaves around it', async () => {
    const { active } = await importKeyset(`'${JSON.stringify({ keys: [jwk] })}'`)
    expect(active.publicJwk.x).toBe(jwk.x)
  })

  it('takes PEM texts in JSON', async () => {
    const { publicJwks } = await importKeyset(JSON.stringify([pkcs8(ecKey()), pkcs8(ecKey())]))
    expect(publicJwks.keys).toHaveLength(2)
  })

  it('KS-10 does not show a key whose text was cut off', async () => {
    const error = await refusalOf(importKeyset(JSON.stringify(jwk).slice(0, -5)))
    expect(error.message).toMatch(/neither JSON nor PEM/)
    expect(inspect(error, { depth: 9 })).not.toContain(jwk.d)
  })
})
