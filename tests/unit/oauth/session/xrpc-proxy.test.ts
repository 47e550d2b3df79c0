import { describe, expect, it } from 'vitest'
import { passThrough } from '../../../../lib/oauth/session/xrpc-proxy.ts'
import { PDS } from '../../../support/unit/context.ts'
import { openSession } from '../../../support/unit/session.ts'

const READ = 'app.bsky.feed.getTimeline'
const WRITE = 'com.atproto.repo.createRecord'
const proxy = 'did:web:api.bsky.app#bsky_appview'
const options = { allow: { [READ]: 'GET', [WRITE]: 'POST' }, proxy } as const
const own = { 'sec-fetch-site': 'same-origin' }
const request = (init: RequestInit = {}, query = '') =>
  new Request(`https://app.example.com/api/xrpc/x${query}`, init)

async function pass(nsid: string, incoming: Request, answer?: () => Response) {
  const { session, sent } = openSession(answer)
  return { response: await passThrough(session, nsid, incoming, options), sent }
}

describe('passThrough', () => {
  it('passes a listed call on and its answer back', async () => {
    const { response, sent } = await pass(READ, request({ headers: own }, '?limit=5'), () =>
      Response.json({ feed: [] }),
    )
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ feed: [] })
    expect(sent[0]?.url.href).toBe(`${PDS}/xrpc/${READ}?limit=5`)
    expect(sent[0]?.request.headers?.get('atproto-proxy')).toBe(proxy)
  })

  it('passes a body on', async () => {
    const headers = { ...own, 'content-type': 'application/json', 'content-length': '7' }
    const { sent } = await pass(WRITE, request({ method: 'POST', headers, body: '{"a":1}' }))
    expect(sent[0]).toMatchObject({ body: '{"a":1}', request: { method: 'POST' } })
    expect(sent[0]?.request.headers?.get('content-type')).toBe('application/json')
  })

  it('passes a large body on as it comes', async () => {
    const body = new Blob(['x'.repeat(2_000_000)], { type: 'video/mp4' })
    const init = {
      method: 'POST',
      headers: { ...own, 'content-type': 'video/mp4' },
      body: body.stream(),
      duplex: 'half',
    }
    const { sent } = await pass(WRITE, request(init))
    expect(sent.at(-1)?.request.body).toBeInstanceOf(ReadableStream)
    expect(sent.at(-1)?.body).toHaveLength(2_000_000)
  })

  const unlisted = [
    ...['com.atproto.server.createAppPassword', 'app.bsky.feed.getTimelines', '', '../admin', `${READ}/../x`],
    ...['constructor', '__proto__', 'toString', `${READ}?x`, `${READ}#x`, `${READ}%00`, 'https://evil.dev/x'],
  ]
  it.each(unlisted)('RS-5 R4 answers 404 for %j, which is not listed', async (nsid) => {
    const { response, sent } = await pass(nsid, request({ headers: own }))
    expect([response.status, sent.length]).toEqual([404, 0])
  })

  it('RS-5 answers 405 for another verb', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) {
      const { response, sent } = await pass(READ, request({ method, headers: own }))
      expect([response.status, sent.length]).toEqual([405, 0])
    }
  })

  it('RS-5 takes neither target, token, cookie nor service from the browser', async () => {
    const headers = {
      ...{
        ...own,
        authorization: 'Bearer x',
        dpop: 'x',
        cookie: 'a=b',
        'atproto-proxy': 'did:web:evil.dev#x',
      },
      host: 'evil.dev',
      'x-forwarded-host': 'evil.dev',
      'x-mark': 'x',
      'accept-language': 'de',
    }
    const { sent } = await pass(READ, request({ headers }))
    const wire = Object.fromEntries(sent[0]?.request.headers ?? [])
    expect(wire).toEqual({
      'accept-language': 'de',
      'atproto-proxy': proxy,
      authorization: 'DPoP access-token-canary',
      dpop: expect.any(String),
    })
  })

  it.each([
    [{ 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }],
    [{ 'sec-fetch-site': 'same-site', 'content-type': 'application/json' }],
    [{ 'sec-fetch-site': 'none', 'content-type': 'application/json' }],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'Multipart/Form-Data; boundary=x' }],
  ])('refuses a POST that another site may have sent (%j)', async (headers) => {
    const { response, sent } = await pass(WRITE, request({ method: 'POST', headers, body: '{}' }))
    expect([response.status, sent.length]).toEqual([403, 0])
  })

  it.each([
    ['another site', 'cross-site'],
    ['a sibling subdomain or another port', 'same-site'],
    ['what no browser says', 'x'],
  ])('CSRF refuses a GET of %s, which would come with the visitor’s cookies', async (_, site) => {
    const { response, sent } = await pass(READ, request({ headers: { 'sec-fetch-site': site } }))
    expect([response.status, sent.length]).toEqual([403, 0])
  })

  it.each([{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }])(
    'takes a GET of the application’s own pages, of a person, and of a browser that says nothing (%j)',
    async (headers) => {
      expect((await pass(READ, request({ headers }))).response.status).toBe(200)
    },
  )

  it('X3 keeps other sites from embedding what it answers, and caches from keeping it, whatever that is', async () => {
    const image = () => new Response('x', { headers: { 'content-type': 'image/png' } })
    const redirect = () => new Response(null, { status: 302, headers: { location: 'https://evil.dev' } })
    for (const [nsid, answer] of [
      [READ, image],
      [READ, redirect],
      ['not.listed', image],
    ] as const) {
      const { response } = await pass(nsid, request(), answer)
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(response.headers.get('cache-control')).toBe('private, no-store')
    }
  })

  it('takes a POST of a type that other sites cannot send unasked, from a browser that says nothing', async () => {
    const headers = { 'content-type': 'application/json' }
    expect((await pass(WRITE, request({ method: 'POST', headers, body: '{}' }))).response.status).toBe(200)
  })

  it.each([
    ['text/html', 'application/octet-stream'],
    ['text/html; charset=utf-8', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/javascript', 'application/octet-stream'],
    ['application/pdf', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    ['image/png', 'image/png'],
    ['application/json; charset=utf-8', 'application/json'],
  ])('R9 makes %j inert', async (type, expected) => {
    const evil = () =>
      new Response('<script>alert(1)</script>', {
        headers: {
          ...{
            'content-type': type,
            'set-cookie': 'session=evil',
            location: '/x',
            refresh: '0;url=https://evil.dev',
          },
          'content-security-policy': "script-src 'unsafe-inline'",
          'content-disposition': 'inline',
          ...{
            'access-control-allow-origin': '*',
            'clear-site-data': '"*"',
            'service-worker-allowed': '/',
            etag: '"1"',
          },
        },
      })
    const { response } = await pass(READ, request({ headers: own }), evil)
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'private, no-store',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': expected,
      'cross-origin-resource-policy': 'same-origin',
      ...(expected === 'application/octet-stream' && { 'content-disposition': 'attachment' }),
      etag: '"1"',
      vary: 'cookie',
      'x-content-type-options': 'nosniff',
    })
  })

  it.each([301, 302, 303, 307, 308])('R9 leads no browser away by %i', async (status) => {
    const headers = { location: 'https://evil.dev' }
    const { response } = await pass(
      READ,
      request({ headers: own }),
      () => new Response(null, { status, headers }),
    )
    expect([response.status, response.headers.get('location')]).toEqual([502, null])
  })

  it.each([304, 400, 429, 500])('passes the status %i on', async (status) => {
    const answer = () => new Response(null, { status, headers: { 'retry-after': '5' } })
    const { response } = await pass(READ, request({ headers: own }), answer)
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, '5'])
  })
})
