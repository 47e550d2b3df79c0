/** Compressed answers, asked for or not, on a real server. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { serve } from '../../support/unit/serve.ts'

const local = createGuardedFetch({ localNetwork: {} })
const text = JSON.stringify({ refresh_token: 'newest', names: ['grüße', 'x'.repeat(3_000)] })
const compressed = {
  gzip: gzipSync(text),
  'x-gzip': gzipSync(text),
  GZIP: gzipSync(text),
  deflate: deflateSync(text),
  br: brotliCompressSync(text),
  zstd: zstdCompressSync(text),
}
/** The beginning of what `compress` makes, which Node.js does not decode. */
const lzw = Buffer.from('1f9d9078c2f0', 'hex')
const bounded = ['discovery', 'token'] as const
const kinds = [...bounded, 'resource'] as const

function serveEncoded(encoding: string, body: Uint8Array | string, status = 200) {
  return serve((_request, response) => {
    response.writeHead(status, { 'content-encoding': encoding, 'content-type': 'application/json' }).end(body)
  })
}

describe('a compressed answer', () => {
  for (const [encoding, body] of Object.entries(compressed)) {
    it.each(kinds)(
      `is unpacked, and its headers are those of the unpacked body: ${encoding}, %s`,
      async (kind) => {
        const { origin } = await serveEncoded(encoding, body)
        const response = await local(origin, { kind })
        expect(await response.text()).toBe(text)
        const { headers } = response
        const names = ['content-encoding', 'content-length', 'content-type']
        expect(names.map((name) => headers.get(name))).toEqual([null, null, 'application/json'])
      },
    )
  }

  it.each(kinds)('is unpacked when it is an error too: %s', async (kind) => {
    const { origin } = await serveEncoded('gzip', gzipSync('{"error":"use_dpop_nonce"}'), 400)
    const response = await local(origin, { kind })
    expect([response.status, await response.text()]).toEqual([400, '{"error":"use_dpop_nonce"}'])
  })

  it.each(kinds)('may be empty: %s', async (kind) => {
    const { origin } = await serveEncoded('gzip', '')
    expect(await (await local(origin, { kind })).text()).toBe('')
  })

  it.each(kinds)('is left alone when it says that it is not encoded: %s', async (kind) => {
    const { origin } = await serveEncoded('identity', text)
    expect(await (await local(origin, { kind })).text()).toBe(text)
  })

  it('has no body to unpack when it answers HEAD', async () => {
    const { origin } = await serveEncoded('gzip', '')
    const response = await local(origin, { kind: 'resource', method: 'HEAD' })
    expect([await response.text(), response.headers.get('content-encoding')]).toEqual(['', 'gzip'])
  })

  it('leaves its connection to the next request', async () => {
    const server = await serveEncoded('gzip', compressed.gzip)
    for (const kind of kinds) await (await local(server.origin, { kind })).text()
    expect(server.connections()).toBe(1)
  })

  it.each(bounded)('SF-3 has the same limit as others: %s of exactly 64 KiB', async (kind) => {
    const { origin } = await serveEncoded('br', brotliCompressSync('x'.repeat(65_536)))
    expect((await (await local(origin, { kind })).text()).length).toBe(65_536)
  })

  it.each([
    ['gzip', gzipSync('x'.repeat(65_537))],
    ['deflate', deflateSync('x'.repeat(10_000_000))],
    ['br', brotliCompressSync('x'.repeat(100_000_000))],
    ['zstd', zstdCompressSync('x'.repeat(10_000_000))],
  ])('SF-3 N7 is refused as soon as it is larger unpacked: a bomb in %s', async (encoding, bomb) => {
    const { origin } = await serveEncoded(encoding, bomb)
    for (const kind of bounded)
      await expect(local(origin, { kind })).rejects.toMatchObject({ code: 'response_too_large' })
  })

  it.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(50_000_000))],
  ])('SF-3 N7 is unpacked no further than it is read: a bomb in a resource, %s', async (encoding, bomb) => {
    const { origin } = await serveEncoded(encoding, bomb)
    const reader = (await local(origin, { kind: 'resource' })).body?.getReader()
    const first = await reader?.read()
    await reader?.cancel()
    expect(first?.value?.byteLength).toBeLessThan(1_000_000)
  })

  it('SF-3 N7 is unpacked once: of a body that was compressed twice the encoding is named', async () => {
    const { origin } = await serveEncoded('gzip, gzip', gzipSync(gzipSync(text)))
    await expect(local(origin, { kind: 'discovery' })).rejects.toMatchObject({
      code: 'invalid_response',
      message: `${origin} answered with content encoding "gzip, gzip", although none was requested.`,
    })
  })
})

describe('an answer in an encoding that cannot be unpacked', () => {
  const broken = [
    ['an encoding that is not supported', 'compress', lzw, 'compress'],
    ['an encoding that does not exist', 'sdch', text, 'unknown'],
    ['plain text that is called gzip', 'gzip', text, 'gzip'],
    ['gzip that is called br', 'br', gzipSync(text), 'br'],
    ['plain text that is called zstd', 'zstd', text, 'zstd'],
    ['a body in zstd that was cut off', 'zstd', compressed.zstd.subarray(0, -9), 'zstd'],
    ['a body in brotli that was cut off', 'br', compressed.br.subarray(0, -9), 'br'],
    ['a body that was cut off', 'gzip', gzipSync(text).subarray(0, -9), 'gzip'],
    ['deflate without its header', 'deflate', deflateRawSync(text), 'deflate'],
  ] as const
  for (const [what, encoding, body, name] of broken) {
    it.each(bounded)(`is an error that names it: ${what}, %s`, async (kind) => {
      const { origin } = await serveEncoded(encoding, body)
      await expect(local(origin, { kind })).rejects.toMatchObject({
        code: 'invalid_response',
        message: `${origin} answered with content encoding "${name}", although none was requested.`,
      })
    })
  }

  it.each(broken.slice(2))('is an error of the reader in a resource: %s', async (_what, encoding, body) => {
    const { origin } = await serveEncoded(encoding, body)
    const response = await local(origin, { kind: 'resource' })
    await expect(response.text()).rejects.toMatchObject({
      code: 'invalid_response',
      message: `${origin} answered with content encoding "${encoding}", which could not be decoded.`,
    })
  })

  it('is given as it came when a resource is in an encoding that is not supported', async () => {
    const { origin } = await serveEncoded('compress', lzw)
    const response = await local(origin, { kind: 'resource' })
    const bytes = Buffer.from(await response.arrayBuffer())
    expect([bytes, response.headers.get('content-encoding')]).toEqual([lzw, 'compress'])
  })

  it.each([400, 502])('still has the status of a failure: %d', async (status) => {
    const { origin } = await serveEncoded('compress', lzw, status)
    expect((await local(origin, { kind: 'token' })).status).toBe(status)
  })

  it('is named without what could control a terminal or quote a token', async () => {
    const { origin } = await serveEncoded(`eyJhbGciOiJFUzI1NiJ9.canary.canary\u009b${'x'.repeat(200)}`, text)
    const { message } = await local(origin, { kind: 'token' }).then(
      () => new Error('accepted'),
      (error: Error) => error,
    )
    expect(message).toMatch(/^http:\S+ answered with content encoding "unknown", although/)
    expect(message).not.toMatch(/canary|\u009b|x{70}/)
  })

  it('is no such error when the connection breaks in a compressed resource', async () => {
    const { origin } = await serve((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.write(compressed.gzip.subarray(0, 40))
      setTimeout(() => request.socket.resetAndDestroy(), 20)
    })
    const response = await local(origin, { kind: 'resource' })
    await expect(response.text()).rejects.toMatchObject({ code: 'network_error' })
  })

  it('ends the request when the reader of a compressed resource gives up', async () => {
    const closed = Promise.withResolvers<void>()
    const { origin } = await serve((_request, response) => {
      response.on('close', () => closed.resolve())
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.write(compressed.gzip.subarray(0, 40))
    })
    const response = await local(origin, { kind: 'resource' })
    await response.body?.cancel()
    await expect(closed.promise).resolves.toBeUndefined()
  })
})
