import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import {
  discoverTokenEndpoint,
  dpopGet,
  dpopPostForm,
  jwkToKey,
  publicJwk,
} from '../../../../lib/oauth/scripts/dpop-requests.ts'
import { serve } from '../../../support/unit/serve.ts'

const jwk = await generatePrivateJwk()
const { d: secret, ...publicPart } = jwk
const key = await jwkToKey(jwk)

describe('jwkToKey', () => {
  it('reads a JWK as object and as JSON text, whatever else it carries', async () => {
    expect((await jwkToKey(JSON.stringify({ ...jwk, use: 'sig', kid: 'a' }))).jkt).toBe(key.jkt)
    expect(key.publicJwk).toEqual(publicPart)
  })

  const unusable: readonly unknown[] = [
    undefined,
    null,
    '',
    'not JSON',
    publicPart,
    { ...jwk, crv: 'P-384' },
    { ...jwk, d: `${secret}A` },
    { ...jwk, kty: 'oct', k: secret },
  ]
  it.each(unusable.map((value, index) => [index, value] as const))(
    'refuses what is no private P-256 key (%i) and does not quote it',
    async (_index, value) => {
      const error = await jwkToKey(value).catch((cause: unknown) => cause)
      expect(error).toMatchObject({ code: 'configuration' })
      expect(error).not.toHaveProperty('cause')
      expect(String(error)).not.toContain(secret)
    },
  )

  it('refuses a key whose point is not on the curve', async () => {
    await expect(jwkToKey({ ...jwk, y: jwk.x, d: jwk.y })).rejects.toMatchObject({ code: 'configuration' })
  })
})

describe('publicJwk', () => {
  it('gives the four public members and nothing of the private one', () => {
    expect(publicJwk({ ...jwk, kid: 'a', p: secret })).toEqual(publicPart)
    expect(JSON.stringify(publicJwk(jwk))).not.toContain(secret)
  })

  it('refuses what is no private P-256 key', () => {
    expect(() => publicJwk('{}')).toThrow(/private P-256 key/)
  })
})

describe('the guarded fetch', () => {
  it('N1: keeps every helper from private addresses unless localNetwork is given', async () => {
    const server = await serve((_request, response) => response.end('{}'))
    const url = `${server.origin}/oauth/token`
    const secured = url.replace('http:', 'https:')
    for (const target of [url, secured]) {
      await expect(dpopPostForm({ url: target, form: {}, key })).rejects.toMatchObject({
        code: 'blocked_address',
      })
      await expect(dpopGet({ url: target, key, accessToken: 'a' })).rejects.toMatchObject({
        code: 'blocked_address',
      })
    }
    await expect(discoverTokenEndpoint(server.origin)).rejects.toMatchObject({ code: 'server_unavailable' })
    expect(server.connections()).toBe(0)
  })

  it('is replaced by a fetch of the caller’s, which is told not to follow redirects', async () => {
    const seen: (RequestInit | undefined)[] = []
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      seen.push(init)
      return Response.json({ ok: true }, { headers: { 'dpop-nonce': 'next' } })
    }
    const answer = await dpopPostForm({ url: 'https://as.host.dev/token', form: { a: 'b c' }, key, fetch })
    expect(answer).toEqual({ status: 200, json: { ok: true }, nonce: 'next' })
    const { response } = await dpopGet({ url: 'https://pds.host.dev/x', key, accessToken: 'a', fetch })
    expect(response.status).toBe(200)
    expect(seen).toMatchObject([
      { method: 'POST', redirect: 'manual', body: 'a=b+c' },
      { method: 'GET', redirect: 'manual' },
    ])
  })
})

describe('discoverTokenEndpoint', () => {
  it.each([
    '',
    'as.host.dev',
    'https://as.host.dev/path',
    'https://as.host.dev?x',
    'https://a:b@as.host.dev',
  ])('takes %j for a mistake of the caller', async (server) => {
    await expect(discoverTokenEndpoint(server)).rejects.toThrow(TypeError)
  })
})
