import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { generatePrivateJwk, importKeyset } from '../../../../lib/crypto/keyset.ts'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { clientAuthParams } from '../../../../lib/oauth/server/client-auth.ts'
import { createContext, ISSUER, NOW } from '../../../support/unit/context.ts'

const older = { ...(await generatePrivateJwk()), kid: 'older' }
const keyset = await importKeyset([{ ...(await generatePrivateJwk()), kid: 'newer' }, older])
const context = createContext({ keyset, publicUrl: 'https://app.host.dev' })
const request = (clientKeyId: string | undefined) => ({
  issuer: ISSUER,
  endpoint: `${ISSUER}/token`,
  clientKeyId,
})
const CLIENT_ID = 'https://app.host.dev/oauth-client-metadata.json'

async function verified(kid: string) {
  const params = await clientAuthParams(request(kid), context)
  const keys = createLocalJWKSet({ keys: keyset.publicJwks.keys.map((key) => ({ ...key })) })
  return jwtVerify(params.client_assertion ?? '', keys, { currentDate: new Date(NOW) })
}

describe('clientAuthParams', () => {
  it('gives the client_id alone for a public client', async () => {
    const params = await clientAuthParams(request(undefined), createContext())
    expect(Object.keys(params)).toEqual(['client_id'])
  })

  it('names assertion and type for a confidential client', async () => {
    expect(await clientAuthParams(request('newer'), context)).toEqual({
      client_id: CLIENT_ID,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: expect.any(String),
    })
  })

  it('says who asks, for the issuer alone, from ten seconds ago for a minute', async () => {
    const { payload } = await verified('newer')
    const now = NOW / 1_000
    const expected = { iss: CLIENT_ID, sub: CLIENT_ID, aud: ISSUER, iat: now - 10, exp: now + 60 }
    expect(payload).toEqual({ ...expected, jti: expect.stringMatching(/^[\w-]{43}$/) })
  })

  it('signs with the key the sign-in began with, though a newer one is active', async () => {
    expect((await verified('older')).protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'older' })
  })

  it('never makes the same assertion twice', async () => {
    const results = await Promise.all([verified('newer'), verified('newer')])
    expect(new Set(results.map(({ payload }) => payload.jti)).size).toBe(2)
  })

  it('names the key that is missing and what to do, instead of signing with another', async () => {
    const error: unknown = await clientAuthParams(request('removed'), context).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toMatch(/removed.*Put it back/)
  })
})
