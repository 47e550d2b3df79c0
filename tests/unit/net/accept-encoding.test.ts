/** The content codings that requests ask for, and what becomes of the answer, on a real server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  brotliCompressSync,
  constants,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { readBytes } from '../../../lib/net/read-bytes.ts'
import { serve } from '../../support/unit/serve.ts'

const local = createGuardedFetch({ localNetwork: {} })
const kind = 'resource'
const text = JSON.stringify({
  feed: Array.from({ length: 50 }, (_, n) => ({ post: n, text: 'words '.repeat(n) })),
})
const asked = (request: IncomingMessage) => String(request.headers['accept-encoding'])

async function askedWith(method: string, init: Record<string, string>) {
  const seen: string[] = []
  const { origin } = await serve((request, response) => {
    seen.push(asked(request))
    response.end()
  })
  await (await local(origin, { kind, method, headers: new Headers(init) })).text()
  return seen
}

describe('a call of the PDS', () => {
  it.each([
    ['a GET', 'GET', {}],
    ['a POST', 'POST', {}],
    ['a GET with the headers of a browser', 'GET', { 'accept-encoding': 'gzip, deflate, br, zstd, dcb' }],
    ['a GET of a caller who takes anything', 'GET', { 'accept-encoding': '*' }],
  ])('asks for the codings that can be decoded, and no others: %s', async (_, method, headers) => {
    expect(await askedWith(method, headers)).toEqual(['zstd, br, gzip'])
  })

  it.each([
    ['a caller who asks for that', 'GET', { 'accept-encoding': 'Identity' }],
    ['a range, whose numbers count the bytes of the body itself', 'GET', { range: 'bytes=0-99' }],
    ['HEAD, whose answer tells the length of the body itself', 'HEAD', {}],
    ['HEAD, whatever the caller takes', 'HEAD', { 'accept-encoding': 'gzip' }],
  ])('asks for no coding with %s', async (_, method, headers) => {
    expect(await askedWith(method, headers)).toEqual(['identity'])
  })
})

const params = { [constants.BROTLI_PARAM_QUALITY]: 1 }
const encoders = {
  gzip: gzipSync,
  br: (body: string | Buffer) => brotliCompressSync(body, { params }),
  zstd: zstdCompressSync,
}

describe('an answer in the coding that was asked for', () => {
  it.each(Object.entries(encoders))(
    'is decoded, and its headers describe what is left: %s',
    async (encoding, encode) => {
      const { origin, connections } = await serve((_request, response) => {
        const body = encode(text)
        const headers = { 'content-encoding': encoding, 'content-length': body.byteLength, etag: '"1"' }
        response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(body)
      })
      for (let round = 0; round < 2; round += 1) {
        const response = await local(origin, { kind })
        const names = ['content-encoding', 'content-length', 'content-type', 'etag']
        expect(names.map((name) => response.headers.get(name))).toEqual([
          null,
          null,
          'application/json',
          '"1"',
        ])
        expect(await response.json()).toEqual(JSON.parse(text))
      }
      expect(connections()).toBe(1)
    },
  )

  it.each([
    ['gzip', createGzip],
    ['zstd', createZstdCompress],
  ])('is decoded as it comes: the first bytes before the last are sent, %s', async (encoding, create) => {
    let finish = () => {}
    const { origin } = await serve((_request, response) => {
      const encoder = create()
      response.writeHead(200, { 'content-encoding': encoding })
      encoder.pipe(response)
      encoder.write('first')
      encoder.flush()
      finish = () => encoder.end('last')
    })
    const reader = (await local(origin, { kind })).body?.getReader()
    const decoder = new TextDecoder()
    expect(decoder.decode((await reader?.read())?.value)).toBe('first')
    finish()
    expect(decoder.decode((await reader?.read())?.value)).toBe('last')
    expect((await reader?.read())?.done).toBe(true)
  })

  it.each(Object.entries(encoders))(
    'may be taken over by its reader chunk by chunk: %s',
    async (encoding, encode) => {
      const long = text.repeat(20)
      const { origin } = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(encode(long)),
      )
      const chunks: Uint8Array[] = []
      // Memory that is transferred is gone for the sender: it must not be where the next chunk is decoded to.
      for await (const chunk of (await local(origin, { kind })).body ?? [])
        chunks.push(structuredClone(chunk, { transfer: [chunk.buffer] }))
      expect(Buffer.concat(chunks).toString()).toBe(long)
    },
  )

  it.each([204, 304])('has no body with %d, whatever its headers say', async (status) => {
    const { origin } = await serve((_request, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(),
    )
    const response = await local(origin, { kind })
    expect([response.status, response.body, await response.text()]).toEqual([status, null, ''])
  })

  it('keeps the length of the whole body when it answers HEAD', async () => {
    const { origin } = await serve((_request, response) => response.setHeader('content-length', 12_345).end())
    const response = await local(origin, { kind, method: 'HEAD' })
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['12345', ''])
  })

  it('is left as it came when it is a part of an encoded body', async () => {
    const part = gzipSync(text).subarray(0, 100)
    const headers = { 'content-encoding': 'gzip', 'content-range': 'bytes 0-99/2000' }
    const { origin } = await serve((_request, response) => response.writeHead(206, headers).end(part))
    const response = await local(origin, { kind, headers: new Headers({ range: 'bytes=0-99' }) })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(Buffer.from(await response.arrayBuffer())).toEqual(part)
  })
})

/** Answers that are made to hurt. */
describe('a hostile answer in the coding that was asked for', () => {
  /** A server that sends as fast as it is read. */
  async function pouring(encoding: string, chunk: Uint8Array) {
    const seen = { sent: 0, closed: false }
    const { origin } = await serve((_request, response: ServerResponse) => {
      response.on('close', () => (seen.closed = true))
      response.writeHead(200, { 'content-encoding': encoding })
      const more = () => {
        while (!seen.closed && response.write(chunk)) seen.sent += chunk.byteLength
        if (!seen.closed) response.once('drain', more)
      }
      more()
    })
    return { origin, seen }
  }

  it('is not decoded for a reader who does not read: gzip members without end', async () => {
    const { origin, seen } = await pouring('gzip', gzipSync(Buffer.alloc(10_000_000)))
    const response = await local(origin, { kind })
    const reader = response.body?.getReader()
    await reader?.read()
    const before = process.memoryUsage()
    await new Promise((done) => setTimeout(done, 500))
    const { arrayBuffers, external } = process.memoryUsage()
    expect(arrayBuffers - before.arrayBuffers + external - before.external).toBeLessThan(50_000_000)
    await reader?.cancel()
    await vi.waitFor(() => expect(seen.closed).toBe(true), { timeout: 20_000 })
  })

  it.each(Object.entries(encoders))(
    'ends at the limit of who reads it whole: a bomb in %s',
    async (encoding, encode) => {
      const bomb = encode(Buffer.alloc(50_000_000))
      const { origin } = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(bomb),
      )
      const response = await local(origin, { kind })
      await expect(readBytes(response, 1_000_000, 'x')).rejects.toMatchObject({ code: 'response_too_large' })
    },
  )

  it('does not have 128 MiB of memory taken by a few bytes: a window that no content coding may have', async () => {
    // RFC 8878 §3.1.1: magic number, descriptor without a size, a window of 128 MiB, an empty last block.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00])
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(frame),
    )
    const response = await local(origin, { kind })
    await expect(response.text()).rejects.toMatchObject({ code: 'invalid_response' })
    await expect(local(origin, { kind: 'token' })).rejects.toMatchObject({ code: 'invalid_response' })
  })

  it.each(Object.entries(encoders))(
    'is followed by no more than its end: garbage after %s',
    async (encoding, encode) => {
      const { origin } = await serve((_request, response) =>
        response
          .writeHead(200, { 'content-encoding': encoding })
          .end(Buffer.concat([encode(text), Buffer.from('{"evil":true}')])),
      )
      const outcome = await (await local(origin, { kind })).text().catch((error) => error.code)
      // Node.js ends at the garbage, or refuses it: none of it is taken for the answer.
      expect([text, 'invalid_response']).toContain(outcome)
    },
  )

  it.each(['gzip, gzip', 'gzip, br', 'br, gzip', Array(2_000).fill('gzip').join(',')])(
    'is not decoded when it was encoded more than once',
    async (encoding) => {
      const body = gzipSync(gzipSync(text))
      const { origin } = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(body),
      )
      const response = await local(origin, { kind })
      expect(Buffer.from(await response.arrayBuffer())).toEqual(body)
    },
  )
})
