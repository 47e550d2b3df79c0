import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { serveSeveral } from '../../support/unit/serve.ts'

const local = createGuardedFetch({ localNetwork: {} })
const KIB_64 = 64 * 1024
const bounded = ['discovery', 'token'] as const

/** Goes on sending until somebody hangs up. */
function pour(response: ServerResponse, chunk: string | Buffer, everyMs: number): void {
  const timer = setInterval(() => response.write(chunk), everyMs)
  response.on('close', () => clearInterval(timer))
}

describe.concurrent('the limits of a guarded fetch', () => {
  const serve = serveSeveral()

  it.each(bounded)('SF-3 lets a %s answer of exactly 64 KiB through', async (kind) => {
    const { origin } = await serve((_request, response) => response.end('x'.repeat(KIB_64)))
    expect((await (await local(origin, { kind })).text()).length).toBe(KIB_64)
  })

  it.each(bounded)('SF-3 refuses a %s answer of one byte more', async (kind) => {
    const { origin } = await serve((_request, response) => response.end('x'.repeat(KIB_64 + 1)))
    await expect(local(origin, { kind })).rejects.toMatchObject({ code: 'response_too_large' })
  })

  it('SF-3 N7 hangs up on an endless answer', async () => {
    let closed = () => {}
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve
    })
    const { origin } = await serve((_request, response) => {
      response.on('close', closed)
      pour(response, 'x'.repeat(16_384), 1)
    })
    await expect(local(origin, { kind: 'token' })).rejects.toMatchObject({ code: 'response_too_large' })
    await hungUp
  })

  it.each(bounded)(
    'SF-3 N7 unpacks no more than 64 KiB of a gzip bomb that was sent unasked: %s',
    async (kind) => {
      const bomb = gzipSync('x'.repeat(10_000_000))
      expect(bomb.byteLength).toBeLessThan(KIB_64)
      const { origin } = await serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
      })
      await expect(local(origin, { kind })).rejects.toMatchObject({ code: 'response_too_large' })
    },
  )

  it('SF-3 puts no cap on a resource', async () => {
    const { origin } = await serve((_request, response) => response.end('x'.repeat(1_000_000)))
    expect((await (await local(origin, { kind: 'resource' })).text()).length).toBe(1_000_000)
  })

  it('SF-3 N7 gives discovery five seconds in all, even while bytes drip in', async () => {
    const { origin } = await serve((_request, response) => pour(response, '.', 200))
    const begun = performance.now()
    await expect(local(origin, { kind: 'discovery' })).rejects.toMatchObject({ code: 'timeout' })
    const elapsed = performance.now() - begun
    expect(elapsed).toBeGreaterThan(4_900)
    expect(elapsed).toBeLessThan(8_000)
  })

  it('SF-3 gives discovery five seconds when nothing comes at all', async () => {
    const { origin } = await serve(() => {})
    await expect(local(origin, { kind: 'discovery' })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('refuses headers without end', async () => {
    const { origin } = await serve((request) => {
      request.socket.write('HTTP/1.1 200 OK\r\n')
      request.socket.on('error', () => undefined)
      const timer = setInterval(() => request.socket.write(`x: ${'y'.repeat(4_096)}\r\n`), 1)
      request.socket.on('close', () => clearInterval(timer))
    })
    await expect(local(origin, { kind: 'discovery' })).rejects.toMatchObject({ code: 'network_error' })
  })

  it('sends nothing when the caller has given up already', async () => {
    const server = await serve((_request, response) => response.end())
    const reason = new Error('the caller left')
    const signal = AbortSignal.abort(reason)
    await expect(local(server.origin, { kind: 'token', signal })).rejects.toBe(reason)
    expect(server.connections()).toBe(0)
  })

  it('ends with the caller’s own reason when the caller gives up', async () => {
    const controller = new AbortController()
    const reason = new Error('the caller left')
    const { origin } = await serve(() => controller.abort(reason))
    const request = local(origin, { kind: 'token', signal: controller.signal })
    await expect(request).rejects.toBe(reason)
  })

  it('cuts a resource that is being streamed when the caller gives up', async () => {
    const controller = new AbortController()
    const { origin } = await serve((_request, response) => pour(response, '.', 10))
    const response = await local(origin, { kind: 'resource', signal: controller.signal })
    controller.abort()
    await expect(response.text()).rejects.toThrow()
  })
})
