import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../../lib/errors.ts'
import { RateLimitError, ScopeMissingError, XrpcError } from '../../../../lib/oauth/resource/xrpc-error.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { NOW, PDS } from '../../../support/unit/context.ts'
import { openSession } from '../../../support/unit/session.ts'

const WANTED = 'rpc:app.bsky.feed.getTimeline?aud=did:web:api.bsky.app%23bsky_appview'
/** The scope of the client metadata. */
const DECLARED = `atproto blob:*/* repo:app.bsky.feed.like ${WANTED}`

/** What a call is refused with when the PDS answers so. */
async function errorOf(status: number, json: unknown, headers: Record<string, string> = {}): Promise<Error> {
  const { session, sent } = openSession(() => Response.json(json, { status, headers }), {
    declared: DECLARED,
  })
  const error = await refusalOf(session.get('com.example.read'))
  // RS-4: whatever came, nothing is repeated.
  expect(sent).toHaveLength(1)
  return error
}

describe('XrpcError', () => {
  it('tells status, error and message', async () => {
    const error = await errorOf(400, { error: 'RecordNotFound', message: 'Could not locate record' })
    expect(error).toBeInstanceOf(XrpcError)
    expect(error).toBeInstanceOf(AtprotoAuthError)
    expect(error).toMatchObject({
      name: 'XrpcError',
      code: 'xrpc_error',
      status: 400,
      retryable: false,
      error: 'RecordNotFound',
      errorMessage: 'Could not locate record',
      endpoint: `${PDS}/xrpc/com.example.read`,
      message: 'com.example.read was answered with 400 (RecordNotFound: Could not locate record).',
    })
  })

  const odd = [{}, [], null, 'text', { error: 7 }, { error: '\u0000', message: { a: 1 } }]
  it.each(odd)('does without the words of a body such as %j', async (json) => {
    expect(await errorOf(400, json)).toMatchObject({ error: undefined, errorMessage: undefined, status: 400 })
  })

  it.each([
    [
      'a page of a proxy',
      502,
      new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }),
    ],
    ['broken JSON', 500, new Response('{', { status: 500, headers: { 'content-type': 'application/json' } })],
    ['a redirect', 302, new Response(null, { status: 302, headers: { location: 'https://evil.dev' } })],
    [
      'an endless error',
      500,
      new Response('x'.repeat(70_000), { status: 500, headers: { 'content-type': 'application/json' } }),
    ],
  ])('tells the status alone for %s', async (_, status, response) => {
    const { session } = openSession(() => response)
    const error = await refusalOf(session.get('com.example.read'))
    expect(error).toMatchObject({ name: 'XrpcError', status, error: undefined, retryable: status >= 500 })
  })

  it('SF-6 shortens the server’s text and takes tokens and control characters out of it', async () => {
    const jwt = `eyJhbGciOiJFUzI1NiJ9.${'p'.repeat(40)}.${'s'.repeat(40)}`
    const message = `a\r\nb\u202e access-token-canary refresh-token-canary session-id-canary ${jwt} ${'x'.repeat(5_000)}`
    const error = await errorOf(400, { error: 'InvalidRequest', message })
    const shown = error.message + JSON.stringify(error)
    expect(shown).not.toMatch(/canary|eyJ|\\r|\\n|\u202e/)
    expect(error.message).toContain('a b [redacted] [redacted] [redacted] [redacted] xxx')
    expect(error.message.length).toBeLessThan(500)
  })

  it.each(['access-token-canary', 'refresh-token-canary-x', 'Echo-session-id-canary'])(
    'SF-6 shows no token that the server sends as the name of the error: %s',
    async (error) => {
      const thrown = await errorOf(400, { error, message: 'Refused' })
      expect(inspect(thrown, { depth: 9 })).not.toContain('canary')
      expect(thrown).toMatchObject({
        error: undefined,
        status: 400,
        errorMessage: expect.stringContaining('Refused'),
      })
    },
  )

  it('keeps the words of an error that is no name', async () => {
    const thrown = await errorOf(400, { error: 'failed to get client: status\u202e 404' })
    expect(thrown).toMatchObject({ error: undefined, errorMessage: 'failed to get client: status 404' })
    expect(thrown.message).toContain('(failed to get client: status 404)')
  })
})

describe('ScopeMissingError', () => {
  it('RS-3 tells the scope of the reference PDS’s message, and what to ask for', async () => {
    const error = await errorOf(403, {
      error: 'ScopeMissingError',
      message: `Missing required scope "${WANTED}"`,
    })
    expect(error).toBeInstanceOf(ScopeMissingError)
    expect(error).toBeInstanceOf(XrpcError)
    expect(error).not.toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({
      code: 'scope_missing',
      status: 403,
      error: 'ScopeMissingError',
      retryable: false,
      missingScope: WANTED,
      askFor: `atproto ${WANTED}`,
      message: expect.stringContaining(`Sign in again with "${WANTED}" added to the scope.`),
    })
  })

  it.each([
    ['DPoP error="insufficient_scope", scope="atproto blob:*/*"', 'blob:*/*', 'atproto blob:*/*'],
    ['Bearer realm="x", error="insufficient_scope", scope="blob:*/*"', 'blob:*/*', 'atproto blob:*/*'],
    ['DPoP error=insufficient_scope', undefined, undefined],
    ['DPoP error="insufficient_scope", scope="a\\"b"', undefined, undefined],
  ])('RS-3 takes RFC 6750’s %s', async (header, missingScope, askFor) => {
    const error = await errorOf(403, {}, { 'www-authenticate': header })
    expect(error).toMatchObject({ name: 'ScopeMissingError', missingScope, askFor })
  })

  const unsaid = [
    undefined,
    'no',
    'Missing required scope ""',
    'Missing required scope "a\\\\b"',
    'Missing required scope "ü"',
  ]
  it.each(unsaid)('RS-3 knows no scope from %j', async (message) => {
    const error = await errorOf(403, { error: 'ScopeMissingError', message })
    expect(error).toMatchObject({ name: 'ScopeMissingError', missingScope: undefined, askFor: undefined })
  })

  it.each([
    [403, { error: 'Forbidden' }, {}],
    [400, { error: 'ScopeMissingError' }, {}],
    [404, { error: 'InsufficientScope' }, {}],
    [401, { error: 'AuthMissing', message: 'Missing required scope "blob:*/*"' }, {}],
    [403, {}, { 'www-authenticate': 'DPoP error="invalid_request"' }],
  ])('RS-3 is not what %i %j is', async (status, json, headers) => {
    expect(await errorOf(status, json, headers)).toMatchObject({ name: 'XrpcError' })
  })
})

describe('RateLimitError', () => {
  const MINUTE = 60_000
  const inSeconds = (seconds: number) => String(NOW / 1000 + seconds)
  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': new Date(NOW + 90_000).toUTCString() }, 90_000],
    [{ 'ratelimit-reset': inSeconds(42) }, 42_000],
    [{ 'ratelimit-reset': '30' }, 30_000],
    [{ 'retry-after': '5', 'ratelimit-reset': inSeconds(42) }, 5_000],
    [{ 'retry-after': 'soon', 'ratelimit-reset': inSeconds(42) }, 42_000],
    [{ 'retry-after': '99999999' }, 24 * 60 * MINUTE],
    [{ 'retry-after': new Date(NOW - 5_000).toUTCString() }, MINUTE],
    [{ 'retry-after': '0' }, MINUTE],
    [{ 'retry-after': '-5' }, MINUTE],
    [{ 'retry-after': '1e9' }, MINUTE],
    [{}, MINUTE],
  ])('RS-4 says for %j how long to wait', async (headers, retryAfterMs) => {
    const error = await errorOf(429, { error: 'RateLimitExceeded' }, headers)
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toBeInstanceOf(XrpcError)
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryable: true, retryAfterMs })
  })
})
