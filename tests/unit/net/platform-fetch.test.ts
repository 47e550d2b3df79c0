import { describe, expect, it } from 'vitest'
import type { GuardedRequest } from '../../../lib/net/guarded-fetch.ts'
import { createPlatformFetch } from '../../../lib/net/platform-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'
import { hostileHosts } from '../../support/unit/hostile-hosts.ts'
import { type FetchCall, responseOf, scriptedFetch } from '../../support/unit/scripted-fetch.ts'

const PDS = 'https://pds.host.dev/xrpc/a.b.c?x=y'
const kinds = ['discovery', 'token', 'resource'] as const

async function askOnce(request: GuardedRequest): Promise<FetchCall['init']> {
  const { fetch, calls } = scriptedFetch(() => new Response('ok'))
  await createPlatformFetch(fetch, { allowLoopback: false })(PDS, request)
  return calls[0]?.init ?? {}
}

function answering(response: () => Response) {
  return createPlatformFetch(scriptedFetch(response).fetch, { allowLoopback: false })
}

describe('a platform fetch asks', () => {
  it('for the very URL, following nothing and keeping nothing', async () => {
    const { fetch, calls } = scriptedFetch(() => new Response('ok'))
    await createPlatformFetch(fetch, { allowLoopback: false })(PDS, { kind: 'resource' })
    expect(calls).toMatchObject([
      { url: PDS, init: { method: 'GET', redirect: 'manual', cache: 'no-store' } },
    ])
  })

  it('N7 for no compression, and with its name', async () => {
    const headers = new Headers({ 'accept-encoding': 'gzip', 'x-a': '1' })
    const init = await askOnce({ kind: 'token', headers })
    expect(Object.fromEntries(new Headers(init.headers))).toEqual({
      'accept-encoding': 'identity',
      'user-agent': 'next-atproto-auth',
      'x-a': '1',
    })
  })

  it.each([
    ['leaves the codings of a call to the fetch, which decodes them', {}, null],
    ['does not pass on those of a browser, which decodes others', { 'accept-encoding': 'dcz, gzip' }, null],
    ['asks for none where the caller wants none', { 'accept-encoding': 'identity' }, 'identity'],
    ['asks for none with a range', { range: 'bytes=0-9', 'accept-encoding': 'gzip' }, 'identity'],
  ])('and %s', async (_, sent, expected) => {
    const { headers } = await askOnce({ kind: 'resource', headers: new Headers(sent) })
    expect(new Headers(headers).get('accept-encoding')).toBe(expected)
  })

  it('with a text as bytes, for which fetch names no content type', async () => {
    const { method, body, duplex } = await askOnce({ kind: 'token', method: 'POST', body: 'grüße' })
    expect([method, body, duplex]).toEqual(['POST', new TextEncoder().encode('grüße'), undefined])
  })

  it('with a stream, half duplex', async () => {
    const body = new Blob(['streamed']).stream()
    const init = await askOnce({ kind: 'resource', method: 'POST', body })
    expect(init.duplex).toBe('half')
    expect(await new Response(init.body ?? null).text()).toBe('streamed')
  })
})

describe('a platform fetch refuses', () => {
  // Public names that lead inside are for the platform to notice: a fetch does not say where it connects.
  const names = hostileHosts.filter((host) => !host.endsWith('.evil.dev'))
  it.each(names)('N1 N3 SF-1 to be sent to %s, by name alone, with any kind of request', async (host) => {
    const { fetch, calls } = scriptedFetch(() => new Response('secret'))
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    for (const url of [`https://${host}/`, `https://${host}:8443/x`, `http://${host}/`]) {
      for (const kind of kinds)
        await expect(guarded(url, { kind }), url).rejects.toMatchObject({ code: 'blocked_address' })
    }
    expect(calls).toEqual([])
  })

  const urls = [
    'http://pds.host.dev/',
    'https://u:p@pds.host.dev/',
    'https://pds.host.dev:6379/',
    'file:///etc',
    'x',
  ]
  it.each(urls)('SF-1 to be sent to %s', async (url) => {
    const { fetch, calls } = scriptedFetch(() => new Response('secret'))
    const request = createPlatformFetch(fetch, { allowLoopback: false })(url, { kind: 'token' })
    await expect(request).rejects.toMatchObject({ code: 'blocked_address' })
    expect(calls).toEqual([])
  })

  it.each(kinds)('SF-2 N6 the opaque answer that stands for a redirect (%s)', async (kind) => {
    const guarded = answering(() => responseOf({ type: 'opaqueredirect', status: 0 }))
    await expect(guarded(PDS, { kind })).rejects.toMatchObject({
      code: 'invalid_response',
      message: expect.stringContaining('redirect'),
    })
  })

  const elsewhere = {
    'says that it followed': { redirected: true, url: PDS },
    'comes from another origin': { url: 'https://evil.dev/' },
    'comes from this machine': { url: 'http://127.0.0.1/', redirected: true },
    'comes from a place that is no URL': { url: 'x' },
  }
  it.each(Object.entries(elsewhere))('SF-2 N6 an answer that %s', async (_what, given) => {
    let isCancelled = false
    const body = new ReadableStream({
      cancel() {
        isCancelled = true
      },
    })
    const guarded = answering(() => responseOf(given, body))
    await expect(guarded(PDS, { kind: 'resource' })).rejects.toMatchObject({ code: 'blocked_address' })
    expect(isCancelled).toBe(true)
  })

  it('an answer without a status', async () => {
    const guarded = answering(() => Response.error())
    await expect(guarded(PDS, { kind: 'token' })).rejects.toMatchObject({ code: 'invalid_response' })
  })
})

describe('a platform fetch answers', () => {
  const redirects = [301, 302, 303, 307, 308]
  it.each(redirects)('SF-2 N6 a %d as it came', async (status) => {
    const { fetch, calls } = scriptedFetch(
      () => new Response(null, { status, headers: { location: 'http://127.0.0.1/' } }),
    )
    const response = await createPlatformFetch(fetch, { allowLoopback: false })(PDS, { kind: 'token' })
    expect([response.status, response.headers.get('location')]).toEqual([status, 'http://127.0.0.1/'])
    expect(calls).toHaveLength(1)
  })

  it.each([204, 205, 304])('%d without a body', async (status) => {
    const response = await answering(() => new Response(null, { status }))(PDS, { kind: 'resource' })
    expect([response.status, response.body]).toEqual([status, null])
  })

  it('an unpacked body without the headers of the packed one', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '3', 'content-type': 'text/plain' }
    for (const kind of kinds) {
      const response = await answering(() => new Response('unpacked', { headers }))(PDS, { kind })
      expect(await response.text()).toBe('unpacked')
      expect(Object.fromEntries(response.headers)).toEqual({ 'content-type': 'text/plain' })
    }
  })

  it('with the caller’s own reason when it had given up before: nothing is asked', async () => {
    const { fetch, calls } = scriptedFetch(() => new Response('ok'))
    const reason = new Error('the caller left')
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    expect(await refusalOf(guarded(PDS, { kind: 'token', signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(calls).toEqual([])
  })

  it('with a network error, with the endpoint but not its query, when the fetch fails', async () => {
    const cause = new TypeError('fetch failed')
    const { fetch } = scriptedFetch(() => Promise.reject(cause))
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    const error = await refusalOf(guarded(`${PDS}&canary`, { kind: 'token' }))
    expect(error).toMatchObject({ code: 'network_error', endpoint: 'https://pds.host.dev/xrpc/a.b.c', cause })
    expect(error.message).not.toContain('canary')
  })
})
