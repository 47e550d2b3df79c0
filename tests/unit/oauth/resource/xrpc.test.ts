import { describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { AtprotoAuthError } from '../../../../lib/errors.ts'
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

  it('names the encoding of JSON that is encoded in a way it cannot read', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'compress' }
    const { session } = openSession(() => new Response('(\u00b5/\u00fd', { headers }))
    expect(await refusalOf(session.get('com.example.read'))).toMatchObject({
      code: 'invalid_response',
      message: expect.stringMatching(
        /^https:\S+ answered with content encoding "compress", which could not be decoded\.$/,
      ),
    })
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

describe('schema', () => {
  const schema = z.object({
    records: z.array(z.object({ uri: z.string(), at: z.coerce.number() })),
  })
  const fits = { records: [{ uri: 'at://x', at: '7', more: true }], cursor: 'c' }

  it('checks the JSON of get and post, and gives data the type of its output', async () => {
    const { session, sent } = openSession(() => Response.json(fits))
    const { data, headers } = await session.get('com.example.read', { schema })
    expectTypeOf(data).toEqualTypeOf<{ records: { uri: string; at: number }[] }>()
    expect(data).toEqual({ records: [{ uri: 'at://x', at: 7 }] })
    expect(headers.get('content-type')).toBe('application/json')
    const written = await session.post('com.example.write', { body: { a: 1 }, schema })
    expectTypeOf(written.data).toEqualTypeOf<{ records: { uri: string; at: number }[] }>()
    expect(written.data).toEqual({ records: [{ uri: 'at://x', at: 7 }] })
    const view = session.withProxy(APPVIEW)
    expect((await view.get('com.example.read', { schema })).data).toEqual({
      records: [{ uri: 'at://x', at: 7 }],
    })
    expect((await view.post('com.example.write', { schema })).data).toEqual({
      records: [{ uri: 'at://x', at: 7 }],
    })
    expect(sent).toHaveLength(4)
  })

  it('can come from any library that implements Standard Schema, also with an asynchronous check', async () => {
    const { session } = openSession(() => Response.json({ a: 1 }))
    const seen: unknown[] = []
    const own = {
      '~standard': {
        version: 1 as const,
        vendor: 'own',
        validate: async (value: unknown) => {
          seen.push(value)
          return seen.length === 1
            ? { value: 'output' }
            : { issues: [{ message: 'no', path: [{ key: 'a' }] }] }
        },
      },
    }
    const { data } = await session.get('com.example.read', { schema: own })
    expectTypeOf(data).toEqualTypeOf<string>()
    expect(data).toBe('output')
    const error = await refusalOf(session.get('com.example.read', { schema: own }))
    expect(error.message).toBe('The answer to com.example.read does not fit the schema: a.')
    expect(seen).toEqual([{ a: 1 }, { a: 1 }])
  })

  it.each([{}, null, 'x', { parse: () => 1 }])(
    'refuses %o as a schema before anything is sent',
    async (given) => {
      const { session, sent } = openSession()
      const schema = given as unknown as z.ZodUnknown
      expect(await refusalOf(session.post('com.example.write', { schema }))).toBeInstanceOf(TypeError)
      expect(sent).toEqual([])
    },
  )

  it('names no field when the path of an issue is a subclass of Array without an element', async () => {
    const { session } = openSession(() => Response.json([]))
    class Path extends Array<PropertyKey> {
      constructor(...keys: PropertyKey[]) {
        super()
        this.push(...keys)
      }
    }
    const own = {
      '~standard': {
        version: 1 as const,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'no', path: new Path() }] }),
      },
    }
    const error = await refusalOf(session.get('com.example.read', { schema: own }))
    expect(error.message).toBe('The answer to com.example.read does not fit the schema: the whole answer.')
  })

  it('refuses JSON that does not fit: names the first field and quotes no value', async () => {
    const { session } = openSession(() =>
      Response.json({ records: [{ uri: 'x', at: 1 }, { uri: ['canary'] }] }),
    )
    const error = await refusalOf(session.get('com.example.read', { schema }))
    expect(error).toBeInstanceOf(AtprotoAuthError)
    // The issues of a schema library may quote what came.
    expect(error.cause).toBeUndefined()
    expect(error).toMatchObject({
      code: 'invalid_response',
      status: 200,
      retryable: false,
      endpoint: `${PDS}/xrpc/com.example.read`,
      message: 'The answer to com.example.read does not fit the schema: records.1.uri.',
    })
  })

  it.each([null, [], 'text', 7])('refuses %j as a whole', async (json) => {
    const { session } = openSession(() => Response.json(json))
    const error = await refusalOf(session.get('com.example.read', { schema }))
    expect(error.message).toBe('The answer to com.example.read does not fit the schema: the whole answer.')
  })

  it('shows no token, line break or endless text that a server has put into the name of a field', async () => {
    const key = `a\r\nb\u202e access-token-canary ${'x'.repeat(500)}`
    const { session } = openSession(() => Response.json({ [key]: 'text' }))
    const numbers = z.record(z.string(), z.number())
    const { message } = await refusalOf(session.get('com.example.read', { schema: numbers }))
    expect(message).toMatch(/does not fit the schema: a b \[redacted\] x{200,}\.$/)
    expect(message.length).toBeLessThan(400)
  })

  it.each([
    ['a page of a proxy', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['JSON of no type', new Response(new TextEncoder().encode('{}'))],
    ['an answer without a body', new Response(null)],
    ['no body of that type', new Response('', { headers: { 'content-type': 'application/json' } })],
    ['malformed JSON', new Response('{', { headers: { 'content-type': 'application/json' } })],
  ])('refuses %s, even if it accepts anything', async (_, response) => {
    const { session } = openSession(() => response)
    const error = await refusalOf(session.get('com.example.read', { schema: z.unknown() }))
    expect(error).toMatchObject({ code: 'invalid_response', status: 200 })
  })

  it('leaves the errors of the PDS as they are', async () => {
    const { session } = openSession(() => Response.json({ error: 'RecordNotFound' }, { status: 400 }))
    const error = await refusalOf(session.get('com.example.read', { schema: z.unknown() }))
    expect(error).toMatchObject({ name: 'XrpcError', error: 'RecordNotFound' })
  })
})

describe('maxBytes', () => {
  it('limits the result, not the error of a refusal', async () => {
    const text = JSON.stringify('x'.repeat(98))
    const { session } = openSession(
      () => new Response(text, { headers: { 'content-type': 'application/json' } }),
    )
    expect((await session.get('com.example.read', { maxBytes: 100 })).data).toHaveLength(98)
    const error = await refusalOf(session.get('com.example.read', { maxBytes: 99 }))
    expect(error).toMatchObject({ code: 'response_too_large', retryable: false })
    const refused = openSession(() => Response.json({ error: 'RecordNotFound' }, { status: 400 }))
    expect(await refusalOf(refused.session.get('com.example.read', { maxBytes: 1 }))).toMatchObject({
      error: 'RecordNotFound',
    })
  })

  it.each([
    ['objects', `[${'{},'.repeat(2_000_000)}{}]`],
    ['arrays in arrays', '['.repeat(2_000_000) + ']'.repeat(2_000_000)],
    ['numbers', `[${'1,'.repeat(2_000_000)}1]`],
  ])('is also a limit of values, which take much more memory than their text: %s', async (_, text) => {
    const { session } = openSession(
      () => new Response(text, { headers: { 'content-type': 'application/json' } }),
    )
    const parse = vi.spyOn(JSON, 'parse')
    onTestFinished(() => parse.mockRestore())
    expect(await refusalOf(session.get('com.example.read'))).toMatchObject({ code: 'response_too_large' })
    expect(parse.mock.calls.map(([json]) => json.length).filter((length) => length > 1_000)).toEqual([])
    const much = session.get<unknown[]>('com.example.read', { maxBytes: 64 * 1024 * 1024 })
    expect((await much).data.length).toBeGreaterThan(0)
  })

  it('leaves many values in a small result alone, and many commas in a text', async () => {
    const answer = { numbers: Array.from({ length: 900_000 }, (_, n) => n), text: ','.repeat(100_000) }
    const { session } = openSession(() => Response.json(answer))
    expect((await session.get('com.example.read')).data).toEqual(answer)
  })

  it('can be more than the default of 16 MiB', async () => {
    const size = 16 * 1024 * 1024 + 1
    const { session } = openSession(() => new Response(new Uint8Array(size)))
    const { data } = await session.get<Uint8Array>('com.example.read', { maxBytes: size })
    expect(data.byteLength).toBe(size)
  })
})

describe('a malformed limit', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'such as %d is a TypeError, and nothing is sent',
    async (limit) => {
      const { session, sent } = openSession()
      for (const limits of [{ timeoutMs: limit }, { maxBytes: limit }]) {
        expect(await refusalOf(session.get('com.example.read', limits))).toBeInstanceOf(TypeError)
        expect(await refusalOf(session.post('com.example.write', limits))).toBeInstanceOf(TypeError)
      }
      expect(sent).toEqual([])
    },
  )

  it('is a time of more than 24 days: a timer that is set for longer fires at once', async () => {
    const { session } = openSession()
    const longest = 2 ** 31 - 1
    expect((await session.get('com.example.read', { timeoutMs: longest })).data).toEqual({})
    expect(await refusalOf(session.get('com.example.read', { timeoutMs: longest + 1 }))).toBeInstanceOf(
      TypeError,
    )
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

  it.each([
    ['bytes', new Uint8Array([120]), undefined, 'image/png'],
    ['an object', { a: 1 }, undefined, 'image/png'],
    ['bytes, unless encoding names another', new Uint8Array([120]), 'image/gif', 'image/gif'],
  ])('honours the header content-type for %s', async (_, body, encoding, type) => {
    const { session, sent } = openSession()
    await session.post('com.example.write', { body, encoding, headers: { 'Content-Type': 'image/png' } })
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
