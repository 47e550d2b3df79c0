/** The guarded fetch through an HTTP proxy, on real servers: what goes where, and what a proxy may do to it. */
import { describe, expect, it, vi } from 'vitest'
import { createGuardedFetch, type GuardedFetchOptions } from '../../../lib/net/guarded-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'
import { recordConnectionAttempts } from '../../support/unit/connection-attempts.ts'
import {
  type ForwardProxy,
  type ForwardProxyOptions,
  startForwardProxy,
} from '../../support/unit/forward-proxy.ts'
import { bodyOf, serve } from '../../support/unit/serve.ts'
import { certificateOf, serveHttps } from '../../support/unit/serve-https.ts'

const HOST = 'pds.host.dev'

/** DNS of a network that knows no names of the internet. */
const noDns: GuardedFetchOptions['lookup'] = (_name, _options, callback) =>
  callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])

interface World {
  readonly proxy: ForwardProxy
  readonly server: Awaited<ReturnType<typeof serveHttps>>
  readonly guarded: ReturnType<typeof createGuardedFetch>
  readonly origin: string
}

/** A server for pds.host.dev, and a proxy that leads there. */
async function createWorld(
  handler: Parameters<typeof serveHttps>[1] = (_request, response) => response.end('ok'),
  options: Partial<GuardedFetchOptions> & { readonly credentials?: string } = {},
): Promise<World> {
  const server = await serveHttps(HOST, handler)
  const proxy = await startForwardProxy({ target: server.port })
  const { credentials = '', ...others } = options
  const guarded = createGuardedFetch({
    localNetwork: { ca: server.ca },
    lookup: noDns,
    proxy: `http://${credentials}127.0.0.1:${proxy.port}`,
    ...others,
  })
  return { proxy, server, guarded, origin: `https://${HOST}:${server.port}` }
}

/** A guarded fetch whose proxy does what the test wants. */
async function withProxy(options: ForwardProxyOptions, others: Partial<GuardedFetchOptions> = {}) {
  const proxy = await startForwardProxy(options)
  const address = `http://user:canary@127.0.0.1:${proxy.port}`
  return {
    proxy,
    shown: `http://127.0.0.1:${proxy.port}`,
    guarded: createGuardedFetch({ lookup: noDns, proxy: address, ...others }),
  }
}

describe('a guarded fetch with a proxy', () => {
  it('reaches an https server by a tunnel, without looking up its name', async () => {
    const { guarded, proxy, origin } = await createWorld()
    const response = await guarded(`${origin}/path`, { kind: 'resource' })
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
    const host = new URL(origin).host
    expect(proxy.heads).toEqual([
      expect.stringMatching(new RegExp(`^CONNECT ${host} HTTP/1\\.1\\r\\nhost: ${host}\\r\\n`)),
    ])
  })

  it('asks for port 443 where the URL names none', async () => {
    const { guarded, proxy } = await createWorld()
    expect((await guarded(`https://${HOST}/`, { kind: 'discovery' })).status).toBe(200)
    expect(proxy.heads).toEqual([expect.stringMatching(/^CONNECT pds\.host\.dev:443 HTTP/)])
  })

  it('sends bodies and streams both ways', async () => {
    const { guarded, origin } = await createWorld(async (request, response) =>
      response.end(await bodyOf(request)),
    )
    const body = new Blob(['x'.repeat(300_000)]).stream()
    const streamed = await guarded(origin, { kind: 'resource', method: 'POST', body })
    expect((await streamed.text()).length).toBe(300_000)
    const posted = await guarded(origin, { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' })
    expect(await posted.text()).toBe('grant_type=refresh_token')
  })

  it('shows the proxy nothing of a request but host and port', async () => {
    const { guarded, proxy, origin } = await createWorld()
    const headers = new Headers({ authorization: 'DPoP canary' })
    await guarded(`${origin}/canary`, { kind: 'token', method: 'POST', headers, body: 'canary' })
    expect(proxy.heads.join() + proxy.tunnelled().toString('latin1')).not.toContain('canary')
    expect(proxy.tunnelled().byteLength).toBeGreaterThan(200)
  })

  it('gives the credentials to the proxy, and not to the server', async () => {
    const seen: string[] = []
    const { guarded, proxy, origin } = await createWorld(
      (request, response) => {
        seen.push(...request.rawHeaders)
        response.end()
      },
      { credentials: 'us%40er:can%3Aary@' },
    )
    await guarded(origin, { kind: 'discovery' })
    const basic = Buffer.from('us@er:can:ary').toString('base64')
    expect(proxy.heads.join()).toContain(`\r\nproxy-authorization: Basic ${basic}\r\n`)
    expect(seen.length).toBeGreaterThan(2)
    expect(seen.join()).not.toMatch(/proxy|Basic|can.?ary/i)
  })

  it('sends no credentials where there are none', async () => {
    const { guarded, proxy, origin } = await createWorld()
    await guarded(origin, { kind: 'discovery' })
    expect(proxy.heads.join()).not.toMatch(/authorization/i)
  })

  it('SF-1 refuses a server whose certificate is another’s, and tells it nothing', async () => {
    const asked: string[] = []
    const { guarded, proxy, server } = await createWorld((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    const request = guarded(`https://as.host.dev:${server.port}/token`, {
      kind: 'token',
      method: 'POST',
      body: 'x',
    })
    expect(await refusalOf(request)).toMatchObject({ code: 'network_error', sent: false })
    expect([proxy.heads.length, asked]).toEqual([1, []])
  })

  it.each([
    'http://pds.host.dev',
    'https://10.0.0.1',
    'https://169.254.169.254',
    'https://[fd00:ec2::254]',
    'https://metadata.google.internal',
    'https://pds.lan',
    'https://intranet',
    'https://localhost',
    'https://127.0.0.1',
    'https://pds.host.dev:6379',
    'https://user@pds.host.dev',
  ])('SF-1 does not ask the proxy for %s', async (url) => {
    const { guarded, proxy } = await withProxy({ answer: (client) => client.end('HTTP/1.1 200 OK\r\n\r\n') })
    await expect(guarded(url, { kind: 'discovery' })).rejects.toMatchObject({ code: 'blocked_address' })
    expect(proxy.heads).toEqual([])
  })

  it.each([301, 302, 307])('SF-2 does not follow a %d of a server', async (status) => {
    const { guarded, proxy, origin } = await createWorld((_request, response) => {
      response.writeHead(status, { location: 'https://elsewhere.host.dev/' }).end()
    })
    expect((await guarded(origin, { kind: 'token' })).status).toBe(status)
    expect(proxy.heads).toHaveLength(1)
  })

  it('speaks TLS with an https proxy, and TLS within it with the server', async () => {
    const { ca: proxyCa } = await certificateOf('localhost')
    const server = await serveHttps(HOST, (_request, response) => response.end('ok'))
    const proxy = await startForwardProxy({ target: server.port, isSecure: true })
    const guarded = createGuardedFetch({
      localNetwork: { ca: `${server.ca}\n${proxyCa}` },
      lookup: noDns,
      proxy: `https://user:canary@localhost:${proxy.port}`,
    })
    for (let count = 0; count < 2; count += 1) {
      const response = await guarded(`https://${HOST}:${server.port}`, { kind: 'discovery' })
      expect(await response.text()).toBe('ok')
    }
    expect(proxy.heads).toEqual([expect.stringContaining('proxy-authorization: Basic ')])
    proxy.breakTunnels()
    expect((await guarded(`https://${HOST}:${server.port}`, { kind: 'discovery' })).status).toBe(200)
    expect(proxy.heads).toHaveLength(2)
  })

  it('SF-1 gives no credentials to an https proxy whose certificate is not trusted', async () => {
    const proxy = await startForwardProxy({ answer: (client) => client.end(), isSecure: true })
    const guarded = createGuardedFetch({ proxy: `https://user:canary@localhost:${proxy.port}` })
    expect(await refusalOf(guarded(`https://${HOST}`, { kind: 'discovery' }))).toMatchObject({
      code: 'network_error',
      sent: false,
    })
    expect(proxy.heads).toEqual([])
  })

  it('SF-1 gives no credentials to an https proxy whose certificate is for the server that is asked for', async () => {
    const { ca } = await certificateOf(HOST)
    const proxy = await startForwardProxy({
      answer: (client) => client.end(),
      isSecure: true,
      certifiedName: HOST,
    })
    const guarded = createGuardedFetch({
      localNetwork: { ca },
      proxy: `https://user:canary@localhost:${proxy.port}`,
    })
    expect(await refusalOf(guarded(`https://${HOST}`, { kind: 'discovery' }))).toMatchObject({
      code: 'network_error',
      sent: false,
    })
    expect(proxy.heads).toEqual([])
  })
})

describe('what does not go through the proxy', () => {
  it('are requests to this machine on a local network', async () => {
    const { port } = await serve((_request, response) => response.end('here'))
    const { guarded, proxy } = await withProxy({}, { localNetwork: {} })
    expect(await (await guarded(`http://127.0.0.1:${port}`, { kind: 'discovery' })).text()).toBe('here')
    expect(proxy.heads).toEqual([])
  })

  it('are requests to privateHosts, whose addresses are judged here', async () => {
    const attempts = recordConnectionAttempts()
    const leaving = new AbortController()
    const lookup: GuardedFetchOptions['lookup'] = (name, _options, callback) =>
      callback(null, [{ address: name === 'pds.lan' ? '192.168.1.10' : '127.0.0.1', family: 4 }])
    const { guarded, proxy } = await withProxy({}, { lookup, privateHosts: ['pds.lan', 'rebound.lan'] })
    const request = guarded('https://pds.lan', { kind: 'discovery', signal: leaving.signal })
    request.catch(() => undefined)
    await vi.waitFor(() => expect(attempts).toEqual(['192.168.1.10']))
    leaving.abort()
    await expect(request).rejects.toThrow()
    await expect(guarded('https://rebound.lan', { kind: 'discovery' })).rejects.toMatchObject({
      code: 'blocked_address',
    })
    expect([proxy.heads, attempts]).toEqual([[], ['192.168.1.10']])
  })
})

describe('a tunnel', () => {
  it('is kept for the next request', async () => {
    const { guarded, proxy, server, origin } = await createWorld()
    for (const kind of ['discovery', 'token', 'resource'] as const)
      await (await guarded(origin, { kind })).text()
    expect([proxy.heads.length, server.connections()]).toEqual([1, 1])
  })

  it('outlives the caller and the time limit of the request that opened it', async () => {
    const { guarded, proxy, origin } = await createWorld(undefined, { idleMs: 1_000 })
    const first = new AbortController()
    await (await guarded(origin, { kind: 'resource', signal: first.signal })).text()
    first.abort()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await (await guarded(origin, { kind: 'resource' })).text()).toBe('ok')
    expect(proxy.heads).toHaveLength(1)
  })

  it('is used for its own server alone', async () => {
    const { guarded, proxy, server, origin } = await createWorld()
    await (await guarded(origin, { kind: 'discovery' })).text()
    await expect(guarded(`https://as.host.dev:${server.port}`, { kind: 'discovery' })).rejects.toThrow()
    expect(proxy.heads.map((head) => head.split(' ')[1])).toEqual([
      `${HOST}:${server.port}`,
      `as.host.dev:${server.port}`,
    ])
  })

  it('that was closed while it lay idle is no failure of a GET', async () => {
    const { guarded, proxy, origin } = await createWorld()
    await (await guarded(origin, { kind: 'discovery' })).text()
    proxy.breakTunnels()
    expect(await (await guarded(origin, { kind: 'discovery' })).text()).toBe('ok')
    expect(proxy.heads).toHaveLength(2)
  })

  it('RF-7 of more than a second of idleness is not taken by what must not be sent twice', async () => {
    const { guarded, proxy, origin } = await createWorld()
    const post = { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' } as const
    for (let count = 0; count < 2; count += 1) await (await guarded(origin, post)).text()
    expect(proxy.heads).toHaveLength(1)
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    await (await guarded(origin, post)).text()
    expect(proxy.heads).toHaveLength(2)
  })

  it('RF-7 that breaks after the request was sent leaves open whether it arrived', async () => {
    const arrived = Promise.withResolvers<void>()
    const { guarded, proxy, origin } = await createWorld(() => arrived.resolve())
    const post = guarded(origin, { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' })
    post.catch(() => undefined)
    await arrived.promise
    proxy.breakTunnels()
    expect(await refusalOf(post)).toMatchObject({ code: 'network_error', sent: undefined })
    expect(proxy.heads).toHaveLength(1)
  })
})
