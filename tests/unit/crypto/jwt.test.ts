import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { signJwt } from '../../../lib/crypto/jwt.ts'
import { generatePrivateJwk, importSigningKey } from '../../../lib/crypto/keyset.ts'

describe('signJwt', () => {
  it('makes a JWS that the public key verifies', async () => {
    const key = await importSigningKey(await generatePrivateJwk())
    const jwt = await signJwt(key, { typ: 'dpop+jwt' }, { htm: 'GET' })
    const { payload } = await jwtVerify(jwt, await importJWK({ ...key.publicJwk }, 'ES256'))
    expect(payload).toEqual({ htm: 'GET' })
  })

  it('always says ES256', async () => {
    const key = await importSigningKey(await generatePrivateJwk())
    expect(decodeProtectedHeader(await signJwt(key, { typ: 'JWT', kid: 'k' }, {}))).toEqual({
      typ: 'JWT',
      kid: 'k',
      alg: 'ES256',
    })
  })

  it('does not verify with another key', async () => {
    const [key, other] = await Promise.all(
      [0, 1].map(async () => importSigningKey(await generatePrivateJwk())),
    )
    if (!key || !other) throw new TypeError('two keys were made')
    const jwt = await signJwt(key, {}, {})
    await expect(jwtVerify(jwt, await importJWK({ ...other.publicJwk }, 'ES256'))).rejects.toThrow()
  })
})
