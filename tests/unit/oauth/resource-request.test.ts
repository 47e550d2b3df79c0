import { describe, expect, it } from 'vitest'
import { prepareBody, resourceHeaders } from '../../../lib/oauth/resource-request.ts'

const bytesOf = async (body: BodyInit) => new TextDecoder().decode((await prepareBody(body))?.bytes)

describe('prepareBody', () => {
  it.each([null, undefined])('has nothing for %s', async (body) => {
    expect(await prepareBody(body)).toBeUndefined()
  })

  it('keeps text, bytes, blobs and streams byte for byte', async () => {
    const bytes = new TextEncoder().encode('grüße')
    const bodies = ['grüße', bytes, new Blob([bytes]), new Response('grüße').body ?? '']
    expect(await Promise.all(bodies.map(bytesOf))).toEqual(Array(4).fill('grüße'))
  })

  it('keeps an empty body apart from none', async () => {
    expect((await prepareBody(''))?.bytes.byteLength).toBe(0)
  })

  it('knows the type that the body implies', async () => {
    const form = new FormData()
    form.set('a', '1')
    const types = await Promise.all(
      [new URLSearchParams('a=1'), new Blob(['x'], { type: 'image/png' }), form].map(
        async (body) => (await prepareBody(body))?.contentType,
      ),
    )
    expect(types).toEqual([
      expect.stringMatching(/^application\/x-www-form-urlencoded/),
      'image/png',
      expect.stringMatching(/^multipart\/form-data; boundary=/),
    ])
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
    expect(resourceHeaders({ [name]: 'value' }, undefined).get(name)).toBe('value')
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
    expect([...resourceHeaders({ [name]: 'canary' }, undefined)]).toEqual([])
  })

  it.each(['text/plain;x=1', 'application/cbor'])('lets the caller’s type %s win', (type) => {
    const body = { bytes: new Uint8Array(), contentType: 'image/png' }
    expect(resourceHeaders({ 'content-type': type }, body).get('content-type')).toBe(type)
  })

  it('names the type of the body when the caller does not', () => {
    const body = { bytes: new Uint8Array(), contentType: 'image/png' }
    expect(resourceHeaders(undefined, body).get('content-type')).toBe('image/png')
  })

  it('does not take a header with a line break', () => {
    expect(() => resourceHeaders({ 'x-custom': 'a\r\nauthorization: Bearer evil' }, undefined)).toThrow(
      TypeError,
    )
  })

  it('reads lists and Headers as fetch does', () => {
    const list: [string, string][] = [
      ['accept', 'a'],
      ['accept', 'b'],
    ]
    expect(resourceHeaders(list, undefined).get('accept')).toBe('a, b')
    expect(resourceHeaders(new Headers(list), undefined).get('accept')).toBe('a, b')
  })
})
