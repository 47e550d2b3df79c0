import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { bodyOf, serveSeveral } from '../../support/unit/serve.ts'

const local = createGuardedFetch({ localNetwork: {} })
const impatient = createGuardedFetch({ localNetwork: {}, idleMs: 4_000 })
const chunkOf = (size: number) => new Uint8Array(size).fill(120)

/** A stream of that many chunks, and what became of it. */
function source(chunks: number, size = 1_000) {
  const seen = { pulled: 0, cancelled: undefined as unknown }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled >= chunks) return controller.close()
        seen.pulled += 1
        controller.enqueue(chunkOf(size))
      },
      cancel(reason) {
        seen.cancelled = reason ?? 'cancelled'
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, seen }
}

const upload = (body: ReadableStream<Uint8Array>) => ({ kind: 'resource', method: 'POST', body }) as const

describe.concurrent('a streamed request', () => {
  const serve = serveSeveral()

  it('SF-3 arrives whole, in chunks, without a length', async () => {
    const { origin } = await serve(async (request, response) => {
      const { length } = await buffer(request)
      response.end(`${length} ${request.headers['transfer-encoding']} ${request.headers['content-length']}`)
    })
    const { stream } = source(300, 10_000)
    expect(await (await local(origin, upload(stream))).text()).toBe('3000000 chunked undefined')
  })

  it.each(['DELETE', 'OPTIONS', 'PUT'])(
    'is framed for %s too: no byte of it is a request of its own',
    async (method) => {
      const seen: string[] = []
      const { origin } = await serve(async (request, response) => {
        seen.push(`${request.method} ${request.url} ${await bodyOf(request)}`)
        response.end()
      })
      const body = new Blob(['GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n']).stream()
      await (await local(origin, { kind: 'resource', method, body })).text()
      await (await local(`${origin}/next`, { kind: 'resource' })).text()
      expect(seen.map((line) => line.split('\r')[0])).toEqual([
        `${method} / GET /smuggled HTTP/1.1`,
        'GET /next ',
      ])
    },
  )

  it('SF-3 is not read ahead of a server that does not take it', async () => {
    const { origin } = await serve((request) => request.pause())
    const { stream, seen } = source(10_000, 10_000)
    const controller = new AbortController()
    const outcome = local(origin, { ...upload(stream), signal: controller.signal }).catch((error) => error)
    await sleep(500)
    // What fits into the buffers of both ends, far from all of it.
    expect(seen.pulled).toBeLessThan(2_000)
    controller.abort('enough')
    expect(await outcome).toBe('enough')
    expect(seen.cancelled).toBeDefined()
  })

  it('ends with an error when the stream breaks', async () => {
    const { origin } = await serve((request, response) => {
      request.on('error', () => undefined)
      bodyOf(request).then(
        () => response.end(),
        () => undefined,
      )
    })
    const stream = new ReadableStream<Uint8Array>({
      pull: () => Promise.reject(new Error('the disk is gone')),
    })
    await expect(local(origin, upload(stream))).rejects.toMatchObject({
      code: 'network_error',
      cause: { message: 'the disk is gone' },
    })
  })

  it('cancels the stream when nobody listens there', async () => {
    const { stream, seen } = source(10)
    await expect(local('http://127.0.0.1:9', upload(stream))).rejects.toMatchObject({
      code: expect.any(String),
    })
    const closed = await serve((request) => request.socket.resetAndDestroy())
    const other = source(1_000_000)
    await expect(local(closed.origin, upload(other.stream))).rejects.toMatchObject({ code: 'network_error' })
    expect(other.seen.cancelled).toBeDefined()
    expect(seen.pulled).toBeLessThan(10)
  })
})

describe.concurrent('a streamed response', () => {
  const serve = serveSeveral()

  it('SF-3 comes as it is sent', async () => {
    const { origin } = await serve((_request, response) => {
      response.write('first')
      setTimeout(() => response.end('second'), 1_000)
    })
    const { body } = await local(origin, { kind: 'resource' })
    const reader = body?.getReader()
    const begun = performance.now()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first')
    expect(performance.now() - begun).toBeLessThan(900)
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('second')
    expect((await reader?.read())?.done).toBe(true)
  })

  it('ends with the caller’s own reason when the caller gives up while reading', async () => {
    const { origin } = await serve((_request, response) => void response.write('first'))
    const controller = new AbortController()
    const response = await local(origin, { kind: 'resource', signal: controller.signal })
    const reason = new Error('the caller left')
    setTimeout(() => controller.abort(reason), 50)
    await expect(response.text()).rejects.toBe(reason)
  })

  it('is not taken for complete when the caller gave up before reading it', async () => {
    const { origin } = await serve((_request, response) => response.end('all of it'))
    const controller = new AbortController()
    const response = await local(origin, { kind: 'resource', signal: controller.signal })
    const reason = new Error('the caller left')
    await sleep(50)
    controller.abort(reason)
    await sleep(50)
    await expect(response.text()).rejects.toBe(reason)
  })

  it('SF-3 ends with timeout after an idle time', async () => {
    const { origin } = await serve((_request, response) => void response.write('first'))
    const response = await impatient(origin, { kind: 'resource' })
    await expect(response.text()).rejects.toMatchObject({ code: 'timeout' })
  })

  it('SF-3 may take longer than the idle time while bytes come', async () => {
    const { origin } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('.'), 100)
      setTimeout(() => {
        clearInterval(timer)
        response.end('end')
      }, 6_000)
    })
    expect(await (await impatient(origin, { kind: 'resource' })).text()).toMatch(/^\.+end$/)
  })

  it('SF-3 times out while no headers come', async () => {
    const { origin } = await serve(() => {})
    await expect(impatient(origin, { kind: 'resource' })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('that breaks off is no success', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('only this')
      setTimeout(() => response.destroy(), 50)
    })
    const response = await local(origin, { kind: 'resource' })
    await expect(response.text()).rejects.toMatchObject({ code: 'network_error' })
  })

  it('hangs up when it is cancelled', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { origin } = await serve((_request, response) => {
      response.on('close', resolve)
      response.write('first')
    })
    const response = await local(origin, { kind: 'resource' })
    await response.body?.cancel()
    await promise
  })
})
