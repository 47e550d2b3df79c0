/** Documents, answers and rows from outside: whatever stands in them, there is a value or a typed error. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readImageHeader } from '../../../app/compose/image-header.ts'
import { createSealer } from '../../../lib/crypto/seal.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { decodeTxtAnswer, encodeTxtQuery } from '../../../lib/net/dns-message.ts'
import { parseRefusal } from '../../../lib/oauth/server/refusal-words.ts'
import { parseRotatedTokens, parseTokenResponse } from '../../../lib/oauth/server/token-response.ts'
import { readChallenges } from '../../../lib/oauth/server/www-authenticate.ts'
import { openSessionCookie, sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { anyText, forAll, forAllAsync, like, likeBytes, likeJson } from '../../support/unit/fuzz.ts'

const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const ISSUER = 'https://as.host.dev'
const tokens = {
  access_token: 'at-1',
  refresh_token: 'rt-1',
  token_type: 'DPoP',
  expires_in: 3_600,
  scope: 'atproto',
  sub: 'did:plc:ewvi7nxzyoun6zhxrhs64oiz',
}
const json = { 'content-type': 'application/json' }

async function orTypedError<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  }
}

describe('an answer of a server', () => {
  it('to a code holds tokens or gives a typed error, which quotes none', async () => {
    const bodies = fc.oneof(
      likeJson(tokens).map((body) => JSON.stringify(body)),
      like(JSON.stringify(tokens)),
      anyText,
    )
    await forAllAsync(bodies, async (body) => {
      for (const parse of [parseTokenResponse, parseRotatedTokens]) {
        const parsed = await orTypedError(parse(new Response(body, { headers: json }), ISSUER, 0))
        if (parsed) expect(parsed.accessToken).toMatch(/^[\x21-\x7e]+$/)
      }
    })
  })

  it('that refuses is read as one, or not at all', () => {
    forAll(fc.oneof(like('{"error":"invalid_grant","error_description":"x"}'), anyText), (text) => {
      const refusal = parseRefusal(text)
      if (refusal) expect(typeof refusal).toBe('object')
    })
  })

  it('names its challenges, whatever the header holds', () => {
    const header = 'DPoP error="use_dpop_nonce", error_description="a \\" b", Bearer realm=x'
    forAll(fc.oneof(like(header), anyText), (text) => {
      const value = [...text].filter((character) => /[\t\x20-\x7e]/.test(character)).join('')
      const response = new Response(null, { status: 401, headers: { 'www-authenticate': value } })
      for (const challenge of readChallenges(response)) expect(challenge).toBeTypeOf('object')
    })
  })
})

describe('bytes from outside', () => {
  const question = encodeTxtQuery('_atproto.alice.host.dev')
  const answer = Uint8Array.from([
    ...question.slice(0, 2),
    ...[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
    ...question.slice(12),
    ...[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 8, 7, ...new TextEncoder().encode('did=abc')],
  ])

  it('of a name server are texts or a typed error', () => {
    expect(decodeTxtAnswer(answer)).toEqual(['did=abc'])
    forAll(fc.oneof(likeBytes(answer), fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        for (const text of decodeTxtAnswer(bytes)) expect(text).toBeTypeOf('string')
      } catch (error) {
        expect(error).toBeInstanceOf(AtprotoAuthError)
      }
    })
  })

  it('of a picture have a header or none', () => {
    const png = Uint8Array.from([
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
      0, 1,
    ])
    const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0])
    forAll(fc.oneof(likeBytes(png), likeBytes(jpeg), fc.uint8Array({ maxLength: 64 })), (bytes) => {
      const header = readImageHeader(bytes)
      if (header) expect(header).toBeTypeOf('object')
    })
  })
})

describe('a seal', () => {
  it('of a cookie opens as it is or not at all', async () => {
    const content = { did: 'did:plc:ewvi7nxzyoun6zhxrhs64oiz', sessionIds: ['a'.repeat(43)] } as const
    const sealed = await sealSessionCookie(content, [SECRET], 60)
    await forAllAsync(fc.oneof(like(sealed), anyText), async (text) => {
      const opened = await openSessionCookie(text, [SECRET])
      // The version behind the last ~ is not authenticated, and decides nothing.
      if (text.replace(/~\d$/, '') === sealed.replace(/~\d$/, '')) return
      expect(opened).toBeUndefined()
    })
  })

  it('of a row opens in its place alone, as it is or not at all', async () => {
    const sealer = createSealer([SECRET], 'session row')
    const place = ['session', 'https://app.host.dev', 'id']
    const sealed = await sealer.seal({ secret: 1 }, place)
    await forAllAsync(fc.oneof(like(sealed), anyText), async (text) => {
      expect(await sealer.open(text, place)).toEqual(text === sealed ? { secret: 1 } : undefined)
    })
    await forAllAsync(fc.array(anyText, { maxLength: 4 }), async (other) => {
      expect(await sealer.open(sealed, other)).toBeUndefined()
    })
  })
})
