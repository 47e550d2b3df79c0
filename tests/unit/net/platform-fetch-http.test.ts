import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createPlatformFetch } from '../../../lib/net/platform-fetch.ts'
import { findFreePort } from '../../support/network/free-port.ts'
import { refusalOf } from '../../support/refusal.ts'
import { bodyOf, serve } from '../../support/unit/serve.ts'

const local = createPlatformFetch(globalThis.fetch, { allowLoopback: true })

describe('a platform fetch over the fetch of Node', () => {
  it('sends method, headers and body with its length, and no content type of its own', async () => {
    const { origin } = await serve(async (request, response) => {
      const { method, headers } = request
      const sent = [
        method,
        headers['x-a'],
        headers['content-length'],
        headers['content-type'],
        await bodyOf(request),
      ]
      response.end(JSON.stringify(sent))
    })
    const headers = new Headers({ 'x-a': '1' })
    const response = await local(origin, { kind: 'token', method: 'POST', headers, body: 'grüße' })
    expect(await response.json()).toEqual(['POST', '1', '7', null, 'grüße'])
  })

  it.each([undefined, '8'])('streams a request body, its length %s', async (length) => {
    const { origin } = await serve(async (request, response) => {
      response.end(JSON.stringify([request.headers['content-length'] ?? null, await bodyOf(request)]))
    })
    const headers = new Headers(length === undefined ? {} : { 'content-length': length })
    const body = new Blob(['streamed']).stream()
    const response = await local(origin, { kind: 'resource', method: 'POST', headers, body })
    expect(await response.json()).toEqual([length ?? null, 'streamed'])
  })

  it('counts the pieces of a request body as progress', async () => {
    const { origin } = await serve(async (request, response) => response.end(await bodyOf(request)))
    let left = 6
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        controller.enqueue(new TextEncoder().encode('x'))
        left -= 1
        if (left === 0) controller.close()
      },
    })
    const patient = createPlatformFetch(globalThis.fetch, { allowLoopback: true, idleMs: 400 })
    const response = await patient(origin, { kind: 'resource', method: 'POST', body })
    expect(await response.text()).toBe('xxxxxx')
  })

  it('streams a resource: the first bytes come before the last are sent', async () => {
    let finish = () => {}
    const { origin } = await serve((_request, response) => {
      response.write('first')
      finish = () => response.end('last')
    })
    const reader = (await local(origin, { kind: 'resource' })).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first')
    finish()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('last')
  })

  it('hangs up when the application does not want the rest', async () => {
    const closed = Promise.withResolvers<void>()
    const { origin } = await serve((_request, response) => {
      response.on('close', closed.resolve)
      response.write('first')
    })
    const reader = (await local(origin, { kind: 'resource' })).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await closed.promise
  })

  it('keeps several headers of one name', async () => {
    const { origin } = await serve((_request, response) => {
      response.setHeader('www-authenticate', ['Bearer realm="x"', 'DPoP error="invalid_token"'])
      response.setHeader('set-cookie', ['a=1', 'b=2'])
      response.writeHead(401).end()
    })
    const { headers } = await local(origin, { kind: 'resource' })
    expect(headers.get('www-authenticate')).toBe('Bearer realm="x", DPoP error="invalid_token"')
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  const redirects = [301, 302, 303, 307, 308]
  it.each(redirects)('SF-2 N6 does not follow a %d', async (status) => {
    const inside = await serve((_request, response) => response.end('secret'))
    const { origin } = await serve((_request, response) => {
      response.writeHead(status, { location: inside.origin }).end()
    })
    for (const kind of ['discovery', 'token', 'resource'] as const) {
      const response = await local(origin, { kind, method: 'POST', body: 'x' })
      expect([response.status, response.headers.get('location')]).toEqual([status, inside.origin])
    }
    expect(inside.connections()).toBe(0)
  })

  it('SF-2 N6 refuses what a fetch brought that follows redirects anyway', async () => {
    const inside = await serve((_request, response) => response.end('secret'))
    const { origin } = await serve((_request, response) => {
      response.writeHead(302, { location: inside.origin }).end()
    })
    const following = createPlatformFetch((input, init) => fetch(input, { ...init, redirect: 'follow' }), {
      allowLoopback: true,
    })
    await expect(following(origin, { kind: 'discovery' })).rejects.toMatchObject({ code: 'blocked_address' })
  })

  it('takes a call compressed, and gives it decoded, with the headers of that', async () => {
    const { origin } = await serve((request, response) => {
      if (!String(request.headers['accept-encoding']).includes('gzip')) return response.end('uncompressed')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('compressed'))
    })
    const response = await local(origin, { kind: 'resource' })
    expect(['content-encoding', 'content-length'].map((name) => response.headers.get(name))).toEqual([
      null,
      null,
    ])
    expect(await response.text()).toBe('compressed')
  })

  it('SF-3 N7 measures a gzip bomb by what was unpacked', async () => {
    const bomb = gzipSync('x'.repeat(10_000_000))
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    await expect(local(origin, { kind: 'discovery' })).rejects.toMatchObject({ code: 'response_too_large' })
  })

  it('calls a closed port and a cut connection network errors', async () => {
    const { origin } = await serve((request) => request.socket.resetAndDestroy())
    for (const url of [origin, `http://127.0.0.1:${await findFreePort()}`])
      expect(await refusalOf(local(url, { kind: 'token' }))).toMatchObject({ code: 'network_error' })
  })

  it('tells the reader of a body that was cut', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('some')
      setTimeout(() => response.destroy(), 50)
    })
    const response = await local(origin, { kind: 'resource' })
    expect(await refusalOf(response.text())).toMatchObject({ code: 'network_error' })
  })
})
