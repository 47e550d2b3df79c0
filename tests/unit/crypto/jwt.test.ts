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

describe.each(['P-256', 'secp256k1'] as const)('a signature with a %s key', (crv) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: crv === 'P-256' ? 'prime256v1' : crv,
  })
  const jwk = dpopJwkSchema.parse(privateKey.export({ format: 'jwk' }))

  it('is 64 bytes that verify, also when one of its halves is shorter than 32', async () => {
    const { sign } = await importSigningKey(jwk)
    const isShort = (signature: Buffer) => signature[0] === 0 || signature[32] === 0
    // One in 128 has a short half: a run without any is not to be expected in the life of this test.
    const signatures = Array.from({ length: 3_000 }, (_, n) => {
      const [header, claims, signature = ''] = sign({}, { n }).split('.')
      return { input: Buffer.from(`${header}.${claims}`), signature: Buffer.from(signature, 'base64url') }
    })
    expect(new Set(signatures.map(({ signature }) => signature.length))).toEqual(new Set([64]))
    const checked = signatures.filter(({ signature }, n) => n < 20 || isShort(signature))
    expect(checked.some(({ signature }) => isShort(signature))).toBe(true)
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    expect(checked.filter(({ input, signature }) => !verify('sha256', input, options, signature))).toEqual([])
  })

  it.each([
    ['another private half', { d: dpopJwkSchema.parse(otherOf(crv)).d }],
    ['another public half', { x: dpopJwkSchema.parse(otherOf(crv)).x }],
    ['a private half of zero', { d: 'A'.repeat(43) }],
  ])('is not made with %s', async (_, change) => {
    await expect(importSigningKey({ ...jwk, ...change })).rejects.toThrow()
  })

  it('is not made for a public half that belongs to another key', async () => {
    const { d } = dpopJwkSchema.parse(otherOf(crv))
    await expect(importSigningKey({ ...jwk, d })).rejects.toThrow(/do not belong together/)
  })
})

function otherOf(crv: 'P-256' | 'secp256k1') {
  const namedCurve = crv === 'P-256' ? 'prime256v1' : crv
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' })
}

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
