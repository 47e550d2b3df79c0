/** What becomes of connections whose answers are not needed, on real servers. */
import type { ServerResponse } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { discardBody } from '../../../lib/net/discard-body.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { createPlatformFetch } from '../../../lib/net/platform-fetch.ts'
import { serve } from '../../support/unit/serve.ts'

const local = createGuardedFetch({ localNetwork: {} })
const kind = 'resource'

/** A server that answers `/next` with a word, and all else as told. */
async function answering(answer: (response: ServerResponse) => void) {
  const seen = { closed: false }
  const served = await serve((request, response) => {
    if (request.url === '/next') return response.end('next')
    response.on('close', () => (seen.closed = true))
    answer(response)
  })
  const next = async () => (await local(`${served.origin}/next`, { kind })).text()
  return { ...served, seen, next }
}

const small = JSON.stringify({ error: 'use_dpop_nonce' })
const half = (response: ServerResponse, body: Uint8Array | string) => {
  response.flushHeaders()
  setTimeout(() => response.end(body), 30)
}

describe('the connection of an answer that is discarded', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['has a length', (response) => void response.end(small)],
    ['comes in chunks', (response) => void response.write(small, () => response.end(small))],
    ['comes after its headers', (response) => half(response, small)],
    ['is empty', (response) => void response.end()],
    ['has no body', (response) => void response.writeHead(204).end()],
    ['is of exactly 64 KiB', (response) => void response.end('x'.repeat(65_536))],
    ['is compressed', (response) => half(response.setHeader('content-encoding', 'gzip'), gzipSync(small))],
    [
      'is in another encoding than it says',
      (response) => void response.setHeader('content-encoding', 'br').end(gzipSync(small)),
    ],
  ])('serves the next request when it %s', async (_, answer) => {
    const { origin, next, connections } = await answering(answer)
    await discardBody(await local(origin, { kind }))
    expect([await next(), connections()]).toEqual(['next', 1])
  })

  it('serves the next request after HEAD', async () => {
    const { origin, next, connections } = await answering((response) =>
      response.setHeader('content-length', 1_000_000).end(),
    )
    await discardBody(await local(origin, { kind, method: 'HEAD' }))
    expect([await next(), connections()]).toEqual(['next', 1])
  })

  it('serves the next request when the body has arrived and is cancelled', async () => {
    const { origin, next, connections } = await answering((response) => response.end(small))
    await (await local(origin, { kind })).body?.cancel()
    expect([await next(), connections()]).toEqual(['next', 1])
  })
})

describe('an answer that is discarded', () => {
  const zeros = Buffer.alloc(65_536)

  it.each([
    ['an endless body', {}, zeros],
    ['an endless body in gzip', { 'content-encoding': 'gzip' }, undefined],
  ])('is closed when it is %s, of which little is read', async (_, headers, chunk) => {
    let sent = 0
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const { origin, next, seen } = await answering((response) => {
      response.writeHead(401, headers)
      if (!chunk) return void response.write(bomb)
      const more = () => {
        while (!seen.closed && response.write(chunk)) sent += chunk.byteLength
        if (!seen.closed) response.once('drain', more)
      }
      more()
    })
    await discardBody(await local(origin, { kind }))
    expect(await next()).toBe('next')
    await vi.waitFor(() => expect(seen.closed).toBe(true), { timeout: 20_000 })
    // What fits into the buffers of both ends.
    expect(sent).toBeLessThan(50_000_000)
  })

  it('is closed at once when it says that it is huge', async () => {
    const { origin, next, seen } = await answering((response) => {
      response.writeHead(401, { 'content-length': 1_000_000_000 }).write('x')
    })
    await discardBody(await local(origin, { kind }))
    expect(await next()).toBe('next')
    await vi.waitFor(() => expect(seen.closed).toBe(true), { timeout: 20_000 })
  })

  it('is not waited for when a byte comes each second', async () => {
    let sent = 0
    const { origin, next, seen } = await answering((response) => {
      response.writeHead(401, { 'content-length': 60 })
      const timer = setInterval(() => response.write(String(sent++ % 10)), 1_000)
      response.on('close', () => clearInterval(timer))
      response.write('x')
    })
    await discardBody(await local(origin, { kind }))
    expect(await next()).toBe('next')
    await vi.waitFor(() => expect(seen.closed).toBe(true), { timeout: 20_000 })
    expect(sent).toBeLessThan(50)
  })

  it('raises nothing when its connection breaks or its call is aborted', async () => {
    const { origin } = await answering((response) => {
      response.writeHead(401, { 'content-length': 60 }).write('x')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(discardBody(await local(origin, { kind }))).resolves.toBeUndefined()
    const abort = new AbortController()
    const response = await local(origin, { kind, signal: abort.signal })
    const discarded = discardBody(response)
    abort.abort(new Error('stop'))
    await expect(discarded).resolves.toBeUndefined()
  })

  it('is left to the reader that has begun it', async () => {
    const response = new Response('words')
    const text = response.text()
    await discardBody(response)
    expect(await text).toBe('words')
  })

  it('of the platform’s fetch is read to its end too, or cancelled', async () => {
    const cancelled: string[] = []
    const bodyOf = (chunks: number, name: string) => {
      let pulled = 0
      return new ReadableStream<Uint8Array>(
        {
          pull: (controller) => (pulled++ < chunks ? controller.enqueue(zeros.slice()) : controller.close()),
          cancel: () => void cancelled.push(name),
        },
        { highWaterMark: 0 },
      )
    }
    const platform = (body: ReadableStream) =>
      createPlatformFetch(async () => new Response(body, { status: 401 }), { allowLoopback: false })
    await discardBody(await platform(bodyOf(1, 'small'))('https://pds.host.dev', { kind }))
    await discardBody(await platform(bodyOf(99, 'large'))('https://pds.host.dev', { kind }))
    expect(cancelled).toEqual(['large'])
  })

  it('in brotli is given up once it decodes to more than 64 KiB', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(10_000_000))
    const { origin, next, seen } = await answering((response) => {
      response.writeHead(401, { 'content-encoding': 'br' }).write(bomb)
    })
    await discardBody(await local(origin, { kind }))
    expect(await next()).toBe('next')
    await vi.waitFor(() => expect(seen.closed).toBe(true), { timeout: 20_000 })
  })
})
