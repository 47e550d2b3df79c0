import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../../support/refusal.ts'
import { PDS } from '../../../support/unit/context.ts'
import { openSession } from '../../../support/unit/session.ts'

const APPVIEW = 'did:web:api.bsky.app#bsky_appview'
const queryOf = (url: URL | undefined) => Array.from(url?.searchParams ?? [])

describe('get', () => {
  it('gives parsed JSON and the headers', async () => {
    const { session, sent } = openSession(() =>
      Response.json({ a: 1 }, { headers: { 'atproto-repo-rev': 'x' } }),
    )
    const { data, headers } = await session.get<{ a: number }>('com.example.read')
    expect(data.a).toBe(1)
    expect(headers.get('atproto-repo-rev')).toBe('x')
    expect(sent[0]).toMatchObject({
      url: { href: `${PDS}/xrpc/com.example.read` },
      request: { method: 'GET' },
    })
  })

  it('writes params, one for each element of an array, none for undefined', async () => {
    const { session, sent } = openSession()
    const params = {
      uris: ['at://a/b', 'c&d=e'],
      limit: 5,
      reverse: false,
      cursor: undefined,
      text: '#ü?',
      none: [],
    }
    await session.get('com.example.read', { params })
    expect(queryOf(sent[0]?.url)).toEqual([
      ['uris', 'at://a/b'],
      ['uris', 'c&d=e'],
      ['limit', '5'],
      ['reverse', 'false'],
      ['text', '#ü?'],
    ])
  })

  it('gives bytes for other types, and undefined without a body', async () => {
    const bytes = new Uint8Array([0xff, 0xd8])
    const image = openSession(() => new Response(bytes, { headers: { 'content-type': 'image/jpeg' } }))
    expect((await image.session.get('com.example.read')).data).toEqual(bytes)
    const nothing = openSession(() => new Response(null, { status: 200 }))
    expect((await nothing.session.get('com.example.read')).data).toBeUndefined()
  })

  it.each(['{"a":', '<html>', '\u0000'])(
    'calls malformed JSON %j by that name, without quoting it',
    async (text) => {
      const { session } = openSession(
        () => new Response(text, { headers: { 'content-type': 'application/json' } }),
      )
      const error = await refusalOf(session.get('com.example.read'))
      expect(error).toMatchObject({ code: 'invalid_response' })
      expect(error.message).not.toContain(text)
    },
  )

  it('SF-3 keeps no more than 16 MiB', async () => {
    const { session } = openSession(() => new Response(new Uint8Array(16 * 1024 * 1024 + 1)))
    expect(await refusalOf(session.get('com.example.read'))).toMatchObject({ code: 'response_too_large' })
  })

  it('sends atproto-proxy when asked to, and the caller’s headers', async () => {
    const { session, sent } = openSession()
    const headers = { 'accept-language': 'de', authorization: 'Bearer forged' }
    await session.get('com.example.read', { proxy: APPVIEW, headers })
    const wire = sent[0]?.request.headers
    expect(wire?.get('atproto-proxy')).toBe(APPVIEW)
    expect(wire?.get('accept-language')).toBe('de')
    expect(wire?.get('authorization')).toBe('DPoP access-token-canary')
  })

  it('ends with the signal’s reason', async () => {
    const { session, sent } = openSession()
    const reason = new Error('the caller left')
    expect(await refusalOf(session.get('com.example.read', { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    )
    expect(sent).toEqual([])
  })
})

describe('an NSID', () => {
  const paths = [
    ...[
      '../admin',
      '..',
      '.',
      '',
      '/',
      'a/../../admin',
      '%2e%2e/admin',
      '..%2fadmin',
      '%2e%2e%2fadmin',
      'a.b',
    ],
    ...[
      'com.example.read/../../admin',
      'com.example.read?x=1',
      'com.example.read#x',
      'com.example.read\\..\\x',
    ],
    ...[
      'com.example.read\n',
      ' com.example.read',
      'com..read',
      '//evil.dev/x',
      'https://evil.dev',
      'com.example.*',
    ],
    ...[
      'com.example.rea%64',
      'com.example.réad',
      `com.example.${'a'.repeat(400)}`,
      '.com.example',
      'com.example.1x',
    ],
  ]
  it.each(paths)('R4 is not %j: nothing is sent', async (nsid) => {
    const { session, sent } = openSession()
    expect(await refusalOf(session.get(nsid))).toBeInstanceOf(TypeError)
    expect(await refusalOf(session.post(nsid))).toBeInstanceOf(TypeError)
    expect(sent).toEqual([])
  })
})

describe('post', () => {
  const typeOf = (sent: ReturnType<typeof openSession>['sent']) =>
    sent[0]?.request.headers?.get('content-type')

  it('sends an object as JSON', async () => {
    const { session, sent } = openSession(() => Response.json({ uri: 'at://x' }))
    const { data } = await session.post<{ uri: string }>('com.example.write', {
      body: { repo: 'a', list: [1] },
    })
    expect(data.uri).toBe('at://x')
    expect(sent[0]).toMatchObject({ request: { method: 'POST' }, body: '{"repo":"a","list":[1]}' })
    expect(typeOf(sent)).toBe('application/json')
  })

  const raw = [
    ['bytes', new Uint8Array([120]), undefined, 'application/octet-stream'],
    ['bytes with a type', new Uint8Array([120]), 'image/png', 'image/png'],
    ['a blob', new Blob(['x'], { type: 'image/webp' }), undefined, 'image/webp'],
    ['a blob without a type', new Blob(['x']), undefined, 'application/octet-stream'],
    ['a buffer', new Uint8Array([120]).buffer, undefined, 'application/octet-stream'],
    ['text', 'x', undefined, 'text/plain;charset=UTF-8'],
    ['text with a type', 'x', 'application/vnd.ipld.car', 'application/vnd.ipld.car'],
    ['JSON with a type', [1], 'application/foo+json', 'application/foo+json'],
  ] as const
  it.each(raw)('sends %s as it is, with its type', async (_, body, encoding, type) => {
    const { session, sent } = openSession()
    await session.post('com.example.write', { body, encoding })
    expect(sent[0]?.body).toBe(Array.isArray(body) ? '[1]' : 'x')
    expect(typeOf(sent)).toBe(type)
  })

  it('sends no body and no type when there is none', async () => {
    const { session, sent } = openSession(() => new Response(null))
    expect((await session.post('com.example.write', { params: { a: 1 } })).data).toBeUndefined()
    expect(sent[0]).toMatchObject({ url: { search: '?a=1' }, body: '' })
    expect(sent[0]?.request.body).toBeUndefined()
    expect(typeOf(sent)).toBeNull()
  })
})

describe('withProxy', () => {
  it('asks the PDS to pass every request on', async () => {
    const { session, sent } = openSession()
    const view = session.withProxy(APPVIEW)
    await view.fetchHandler('/xrpc/a.b.c')
    await view.handle('/xrpc/a.b.c', { method: 'POST', body: 'x' })
    await view.get('com.example.read')
    await view.post('com.example.write', { body: {} })
    expect(sent.map(({ request }) => request.headers?.get('atproto-proxy'))).toEqual(Array(4).fill(APPVIEW))
    expect([view.did, JSON.stringify(view)]).toEqual([
      session.did,
      JSON.stringify({ did: session.did, proxy: APPVIEW }),
    ])
  })

  it('lets a call name another service', async () => {
    const { session, sent } = openSession()
    const [view, chat] = [session.withProxy(APPVIEW), 'did:web:api.bsky.chat#bsky_chat']
    await view.get('com.example.read', { proxy: chat })
    await view.fetchHandler('/xrpc/a.b.c', { headers: { 'Atproto-Proxy': chat } })
    expect(sent.map(({ request }) => request.headers?.get('atproto-proxy'))).toEqual([chat, chat])
  })

  const bad = [
    ...[
      'did:web:api.bsky.app',
      '#bsky_appview',
      'did:web:api.bsky.app#',
      'did:web:api.bsky.app#a#b',
      '',
      'api.bsky.app',
    ],
    ...[
      'did:web:api.bsky.app #a',
      ' did:web:api.bsky.app#a',
      'did:web:api.bsky.app#a b',
      'did:web:x#a\r\nx: y',
    ],
    ...['did:web:x#a,did:web:y#b', 'https://api.bsky.app#a', 'did::x#a', `did:web:${'x'.repeat(3_000)}#a`],
  ]
  it.each(bad)('refuses %j', async (service) => {
    const { session, sent } = openSession()
    expect(() => session.withProxy(service)).toThrow(TypeError)
    expect(await refusalOf(session.get('com.example.read', { proxy: service }))).toBeInstanceOf(TypeError)
    expect(sent).toEqual([])
  })
})
