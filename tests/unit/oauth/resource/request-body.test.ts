import { describe, expect, it } from 'vitest'
import { parseMethod, prepareBody, resourceHeaders } from '../../../../lib/oauth/resource/request-body.ts'

const opened = async (body: BodyInit) => (await prepareBody(body))?.open()
const textOf = async (body: BodyInit) => new Response((await opened(body))?.content as BodyInit).text()
const MIB = 1024 * 1024

describe('prepareBody', () => {
  it.each([null, undefined])('has nothing for %s', async (body) => {
    expect(await prepareBody(body)).toBeUndefined()
  })

  it('keeps text, bytes, blobs and streams byte for byte', async () => {
    const bytes = new TextEncoder().encode('grüße')
    const bodies = ['grüße', bytes, bytes.buffer, new Blob([bytes]), new Response('grüße').body ?? '']
    expect(await Promise.all(bodies.map(textOf))).toEqual(Array(5).fill('grüße'))
  })

  it('keeps an empty body apart from none', async () => {
    expect(await opened('')).toMatchObject({ content: new Uint8Array() })
  })

  it('knows the type that the body implies', async () => {
    const form = new FormData()
    form.set('a', '1')
    const bodies = [new URLSearchParams('a=1'), new Blob(['x'], { type: 'image/png' }), form]
    const types = await Promise.all(bodies.map(async (body) => (await opened(body))?.contentType))
    expect(types).toEqual([
      expect.stringMatching(/^application\/x-www-form-urlencoded/),
      'image/png',
      expect.stringMatching(/^multipart\/form-data; boundary=/),
    ])
  })

  it('DP-12 gives everything but a stream a second time, byte for byte', async () => {
    const form = new FormData()
    form.set('file', new Blob(['x'.repeat(2 * MIB)]))
    const bodies = [
      'text',
      new Blob(['blob']),
      new Blob(['y'.repeat(2 * MIB)]),
      new URLSearchParams('a=1'),
      form,
    ]
    for (const body of bodies) {
      const prepared = await prepareBody(body)
      expect(prepared?.replayable).toBe(true)
      const read = async () => {
        const { content, contentType } = (await prepared?.open()) ?? {}
        const type = { 'content-type': contentType ?? '' }
        // A form's boundary may change, what is in it may not.
        const response = new Response(content as BodyInit, { headers: type })
        return body instanceof FormData
          ? textOf((await response.formData()).get('file') ?? '')
          : response.text()
      }
      expect(await read()).toEqual(await read())
    }
  })

  it('holds up to 1 MiB in memory, and reads a larger blob anew, with its exact length', async () => {
    expect((await opened(new Blob(['x'.repeat(MIB)])))?.content).toBeInstanceOf(Uint8Array)
    const large = await opened(new Blob(['x'.repeat(MIB + 1)], { type: 'video/mp4' }))
    expect(large).toMatchObject({ length: MIB + 1, contentType: 'video/mp4' })
    expect(large?.content).toBeInstanceOf(ReadableStream)
  })

  const forms: readonly (readonly [string, (form: FormData) => void])[] = [
    ['one text', (form) => form.set('a', 'x'.repeat(MIB + 1))],
    ['one file', (form) => form.set('a', new Blob(['x'.repeat(MIB + 1)]))],
    [
      'texts and files together',
      (form) => {
        form.set('a', 'x'.repeat(MIB / 2))
        form.set('b', new Blob(['x'.repeat(MIB / 2 + 1)]))
      },
    ],
  ]
  it.each(forms)(
    'reads a form anew that %s make larger than 1 MiB, and holds it up to there',
    async (_, fill) => {
      const form = new FormData()
      form.set('a', 'x'.repeat(MIB))
      expect((await opened(form))?.content).toBeInstanceOf(Uint8Array)
      fill(form)
      expect((await opened(form))?.content).toBeInstanceOf(ReadableStream)
      expect(await prepareBody(form)).toMatchObject({ replayable: true })
    },
  )

  it('O11 says that a stream goes once, and does not touch it before', async () => {
    let pulled = 0
    const stream = new ReadableStream(
      {
        pull() {
          pulled += 1
        },
      },
      { highWaterMark: 0 },
    )
    expect(await prepareBody(stream)).toMatchObject({ replayable: false })
    expect([pulled, stream.locked]).toEqual([0, false])
  })
})

describe('parseMethod', () => {
  it.each(['get', 'GET', 'post', 'Put', 'delete', 'patch', 'options', 'head'])(
    'sends %s in upper case',
    (method) => {
      expect(parseMethod({ method })).toBe(method.toUpperCase())
    },
  )

  it('is GET when nothing is said', () => {
    expect(parseMethod({})).toBe('GET')
  })

  it.each(['CONNECT', 'TRACE', 'track', '', 'GET /evil HTTP/1.1\r\nx: y', 'G T'])('refuses %j', (method) => {
    expect(() => parseMethod({ method })).toThrow(TypeError)
  })

  it.each([null, undefined])('takes %s for no body', (body) => {
    expect(parseMethod({ method: 'GET', ...(body === null && { body }) })).toBe('GET')
  })

  it.each(['GET', 'HEAD'])('refuses a body for %s', (method) => {
    expect(() => parseMethod({ method, body: 'x' })).toThrow(TypeError)
  })
})

describe('resourceHeaders', () => {
  const kept = [
    'accept',
    'accept-language',
    'atproto-proxy',
    'atproto-accept-labelers',
    'x-custom',
    'if-match',
  ]
  it.each(kept)('passes %s on', (name) => {
    expect(resourceHeaders({ [name]: 'value' }).get(name)).toBe('value')
  })

  const dropped = [
    ...['authorization', 'Authorization', 'dpop', 'DPoP', 'cookie', 'Cookie', 'host', 'origin', 'referer'],
    ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via', 'expect'],
    ...['content-length', 'proxy-authorization', 'proxy-connection', 'proxy-anything', 'forwarded'],
    ...[
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-real-ip',
      'sec-fetch-site',
      'sec-ch-ua',
    ],
  ]
  it.each(dropped)('keeps back %s, which says who asks or belongs to one connection', (name) => {
    expect([...resourceHeaders({ [name]: 'canary' })]).toEqual([])
  })

  it.each(['x-first,x-second', ' x-first , x-second ', 'X-First,  X-Second', 'close,\tx-first\t,x-second'])(
    'R3 keeps back what the Connection header %j names, however it is spaced',
    (connection) => {
      const init = { connection, 'x-first': '1', 'x-second': '2', 'x-third': '3' }
      expect([...resourceHeaders(init).keys()]).toEqual(['x-third'])
    },
  )

  it('does not take a header with a line break', () => {
    expect(() => resourceHeaders({ 'x-custom': 'a\r\nauthorization: Bearer evil' })).toThrow(TypeError)
  })

  it('reads lists and Headers as fetch does', () => {
    const list: [string, string][] = [
      ['accept', 'a'],
      ['accept', 'b'],
    ]
    expect(resourceHeaders(list).get('accept')).toBe('a, b')
    expect(resourceHeaders(new Headers(list)).get('accept')).toBe('a, b')
  })
})
