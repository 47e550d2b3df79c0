import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { dpopJwkSchema } from '../../../lib/crypto/jwk.ts'
import { generatePrivateJwk, importSigningKey } from '../../../lib/crypto/keyset.ts'

describe('a P-256 key', () => {
  it('signs what its public half verifies', async () => {
    const key = await importSigningKey(await generatePrivateJwk())
    const jwt = await key.sign({ typ: 'dpop+jwt' }, { htm: 'GET' })
    const { payload } = await jwtVerify(jwt, await importJWK({ ...key.publicJwk }, 'ES256'))
    expect(payload).toEqual({ htm: 'GET' })
  })

  it('names ES256, and adds what it is told', async () => {
    const key = await importSigningKey(await generatePrivateJwk())
    expect(decodeProtectedHeader(await key.sign({ typ: 'JWT', kid: 'k' }, {}))).toEqual({
      alg: 'ES256',
      typ: 'JWT',
      kid: 'k',
    })
  })

  it('cannot be talked into another algorithm', async () => {
    const key = await importSigningKey(await generatePrivateJwk())
    expect(decodeProtectedHeader(await key.sign({ alg: 'none' }, {})).alg).toBe('ES256')
  })
})

describe('a secp256k1 key, as the official client makes them', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const jwk = dpopJwkSchema.parse(privateKey.export({ format: 'jwk' }))

  it('signs what its public half verifies, by ES256K', async () => {
    const key = await importSigningKey(jwk)
    const jwt = await key.sign({ alg: 'none', typ: 'dpop+jwt' }, { htm: 'GET', htu: 'https://pds.example/ü' })
    const [header = '', payload = '', signature = ''] = jwt.split('.')
    const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    const input = Buffer.from(`${header}.${payload}`)
    expect(verify('sha256', input, options, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'ES256K', typ: 'dpop+jwt' })
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ htm: 'GET' })
    expect('d' in key.publicJwk).toBe(false)
  })

  it('is not taken for a client key', async () => {
    const { importKeyset } = await import('../../../lib/crypto/keyset.ts')
    await expect(importKeyset(jwk)).rejects.toThrow(/is not a P-256 key/)
  })
})
