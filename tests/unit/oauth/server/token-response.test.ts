import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  grantOf,
  parseRotatedTokens,
  parseTokenResponse,
  type TokenSet,
} from '../../../../lib/oauth/server/token-response.ts'
import { labelled } from '../../../support/unit/labelled.ts'
import { ALICE } from '../../../support/unit/names.ts'

const ISSUER = 'https://as.host.dev'
const NOW = Date.UTC(2026, 0, 1)
const usual = {
  access_token: 'at-canary',
  token_type: 'DPoP',
  refresh_token: 'rt-canary',
  expires_in: 3_600,
  scope: 'atproto',
  sub: ALICE,
}
const respond = (body: unknown, type = 'application/json') =>
  new Response(JSON.stringify(body), { headers: { 'content-type': type } })
const parse = (changes: object = {}) => parseTokenResponse(respond({ ...usual, ...changes }), ISSUER, NOW)

describe('parseTokenResponse', () => {
  it('reads what a server usually answers', async () => {
    expect(await parse()).toEqual({
      accessToken: 'at-canary',
      refreshToken: 'rt-canary',
      isDpopBound: true,
      hasIdToken: false,
      scope: 'atproto',
      sub: ALICE,
      expiresAt: NOW + 3_600_000,
    })
  })

  it.each(['DPoP', 'dpop', 'DPOP'])('takes token_type %s for bound', async (token_type) => {
    expect((await parse({ token_type })).isDpopBound).toBe(true)
  })

  it.each(['Bearer', '', 'DPoP2', ' DPoP'])('takes token_type %j for unbound', async (token_type) => {
    expect((await parse({ token_type })).isDpopBound).toBe(false)
  })

  it.each(labelled(['x', 'eyJ.a-b_c~d+e/f==', 'a'.repeat(60_000)]))(
    'takes %s for a token',
    async (_label, token) => {
      expect((await parse({ access_token: token })).accessToken).toBe(token)
    },
  )

  const dangerous = [
    ...['', 'a b', 'a\r\nx-injected: 1', 'a\nb', 'tökén', 'a"b', 'a,b', '=', '=a', 'a=b'],
    ...[undefined, null, 7, ['at'], { toString: 'x' }],
  ]
  it.each(labelled(dangerous))('refuses the access token %s', async (_label, access_token) => {
    await expect(parse({ access_token })).rejects.toMatchObject({ code: 'token_response_invalid' })
  })

  it.each(labelled(['a b', 'a\r\nb', '', null, 7]))(
    'reads the refresh token %s as none rather than throw a rotated pair away',
    async (_label, refresh_token) => {
      const tokens = await parse({ refresh_token })
      expect([tokens.accessToken, tokens.refreshToken]).toEqual(['at-canary', undefined])
    },
  )

  it.each([undefined, null, -5, 0, '-5', '0', '1e3', 'soon', true, [60], {}])(
    'reads expires_in %j as unknown rather than throw a rotated pair away',
    async (expires_in) => {
      expect((await parse({ expires_in })).expiresAt).toBeUndefined()
    },
  )

  it('reads expires_in from a text too', async () => {
    expect((await parse({ expires_in: '3600' })).expiresAt).toBe(NOW + 3_600_000)
  })

  it('takes a scope of any length', async () => {
    const scope = Array.from({ length: 1_000 }, (_, at) => `repo:com.example.record${at}`).join(' ')
    expect((await parse({ scope })).scope).toBe(scope)
  })

  it.each(labelled([7, null, ['atproto']]))(
    'reads the scope %s as unknown rather than throw a rotated pair away',
    async (_label, scope) => {
      const tokens = await parse({ scope })
      expect([tokens.accessToken, tokens.scope]).toEqual(['at-canary', undefined])
    },
  )

  it('reads the subject null as none rather than throw a rotated pair away', async () => {
    expect(await parse({ sub: null })).toMatchObject({ accessToken: 'at-canary', sub: undefined })
  })

  it.each([86_401, 1e12, Number.MAX_VALUE])('takes expires_in %d for a day', async (expires_in) => {
    expect((await parse({ expires_in })).expiresAt).toBe(NOW + 86_400_000)
  })

  it('takes a short life as it is', async () => {
    expect((await parse({ expires_in: 1 })).expiresAt).toBe(NOW + 1_000)
  })

  it('does without scope and subject, which a refresh may leave out', async () => {
    expect(await parse({ scope: undefined, sub: undefined })).toMatchObject({
      scope: undefined,
      sub: undefined,
    })
  })

  it.each(['text/html', 'application/x-www-form-urlencoded'])('refuses a body of type %s', async (type) => {
    const answer = parseTokenResponse(respond(usual, type), ISSUER, NOW)
    await expect(answer).rejects.toMatchObject({ code: 'token_response_invalid', issuer: ISSUER })
  })

  it('shows no token in the complaint', async () => {
    const spoilt = { access_token: 'at canary', refresh_token: 'rt canary', token_type: 7 }
    const error: unknown = await parse(spoilt).catch((reason: unknown) => reason)
    expect(inspect(error, { depth: 9 })).not.toContain('canary')
  })
})

describe('parseRotatedTokens', () => {
  const text = JSON.stringify(usual)
  it.each([
    ['text/plain', text],
    ['text/html; charset=utf-8', text],
    ['', text],
    ['application/json', `\ufeff${text}`],
    ['application/json', `)]}',\n${text}`],
    ['application/json', `\u0000${text}\u0000\r\n`],
    ['application/json', `<!-- cached -->${text}<!-- 3 ms -->`],
  ])('does not throw a pair away for the type %j and the body %j', async (type, body) => {
    const response = new Response(body, { headers: { 'content-type': type } })
    expect(await parseRotatedTokens(response, ISSUER, NOW)).toEqual(await parse())
  })

  it('takes tokens of any length and any characters that a header can hold', async () => {
    const changes = { access_token: `a|b"${'c'.repeat(60_000)}`, refresh_token: 'r|t"' }
    const tokens = await parseRotatedTokens(respond({ ...usual, ...changes }), ISSUER, NOW)
    expect([tokens.accessToken, tokens.refreshToken]).toEqual([changes.access_token, changes.refresh_token])
  })

  it.each([
    '',
    '<p>at-canary</p>',
    '{',
    '{"access_token":"at canary"}',
    '{"access_token":"a\\nb-canary"}',
    '[]',
    'null',
  ])('finds no tokens in %j, and repeats none of it', async (body) => {
    const response = new Response(body, { headers: { 'content-type': 'text/plain\u009b' } })
    const error: unknown = await parseRotatedTokens(response, ISSUER, NOW).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'token_response_invalid', issuer: ISSUER })
    expect(inspect(error, { depth: 9 })).not.toMatch(/canary|\u009b/)
  })
})

describe('grantOf', () => {
  const tokens: TokenSet = {
    accessToken: 'at',
    refreshToken: 'rt',
    isDpopBound: true,
    hasIdToken: false,
    scope: 'atproto repo:app.bsky.feed.post',
    sub: ALICE,
    expiresAt: NOW,
  }

  it('gives account and scope', () => {
    expect(grantOf(tokens, ISSUER)).toEqual({ sub: ALICE, scope: 'atproto repo:app.bsky.feed.post' })
  })

  it('takes less than was asked for', () => {
    expect(grantOf({ ...tokens, scope: 'atproto' }, ISSUER).scope).toBe('atproto')
  })

  const refused: readonly (readonly [string, Partial<TokenSet>])[] = [
    ['tokens that are not bound by DPoP', { isDpopBound: false }],
    ['an id_token', { hasIdToken: true }],
    ['no scope', { scope: undefined }],
    ['an empty scope', { scope: '' }],
    ['a scope that only contains the word', { scope: 'xatproto atproto2 atproto:x' }],
    ['a scope in upper case', { scope: 'ATPROTO' }],
    ['no subject', { sub: undefined }],
    ['a handle as subject', { sub: 'alice.host.dev' }],
    ['a DID of another method', { sub: 'did:key:z6Mk' }],
    ['a DID in upper case', { sub: ALICE.toUpperCase() }],
    ['a DID with white space', { sub: `${ALICE} ` }],
  ]
  it.each(refused)('refuses %s', (_what, changes) => {
    expect(() => grantOf({ ...tokens, ...changes }, ISSUER)).toThrow(
      expect.objectContaining({ code: 'token_response_invalid', issuer: ISSUER }),
    )
  })
})
