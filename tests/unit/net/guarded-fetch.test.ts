import { describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { findFreePort } from '../../support/network/free-port.ts'
import { recordConnectionAttempts } from '../../support/unit/connection-attempts.ts'
import { bodyOf, serve } from '../../support/unit/serve.ts'

const local = createGuardedFetch({ localNetwork: {} })

describe('a guarded fetch', () => {
  it('answers with status, headers and body', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(418, { 'x-kind': 'teapot' }).end('short and stout')
    })
    const response = await local(origin, { kind: 'discovery' })
    expect([response.status, response.headers.get('x-kind'), await response.text()]).toEqual([
      418,
      'teapot',
      'short and stout',
    ])
  })

  it('sends method, headers and body with its length', async () => {
    const { origin } = await serve(async (request, response) => {
      const { method, headers } = request
      const sent = [method, headers['x-a'], headers['content-length'], await bodyOf(request)]
      response.end(JSON.stringify(sent))
    })
    const headers = new Headers({ 'x-a': '1' })
    const response = await local(origin, { kind: 'token', method: 'POST', headers, body: 'grüße' })
    expect(await response.json()).toEqual(['POST', '1', '7', 'grüße'])
  })

  it.each(['discovery', 'token'] as const)(
    'N7 asks for no compression of a small document, whatever the caller wants: %s',
    async (kind) => {
      const { origin } = await serve((request, response) => response.end(request.headers['accept-encoding']))
      const headers = new Headers({ 'accept-encoding': 'gzip, br' })
      expect(await (await local(origin, { kind, headers })).text()).toBe('identity')
    },
  )

  it('keeps several WWW-Authenticate headers', async () => {
    const { origin } = await serve((_request, response) => {
      response.setHeader('www-authenticate', ['Bearer realm="x"', 'DPoP error="invalid_token"'])
      response.writeHead(401).end()
    })
    const { headers } = await local(origin, { kind: 'resource' })
    expect(headers.get('www-authenticate')).toBe('Bearer realm="x", DPoP error="invalid_token"')
  })

  it.each([204, 205, 304])('answers %d without a body', async (status) => {
    const { origin } = await serve((_request, response) => response.writeHead(status).end())
    const response = await local(origin, { kind: 'resource' })
    expect([response.status, await response.text()]).toEqual([status, ''])
  })

  const redirects = [301, 302, 303, 307, 308]
  it.each(redirects)('SF-2 N6 answers a %d as it came and does not follow it inside', async (status) => {
    const inside = await serve((_request, response) => response.end('secret'))
    const { origin } = await serve((_request, response) => {
      response.writeHead(status, { location: inside.origin }).end()
    })
    for (const kind of ['discovery', 'token', 'resource'] as const) {
      const response = await local(origin, { kind })
      expect([response.status, response.headers.get('location')]).toEqual([status, inside.origin])
    }
    expect(inside.connections()).toBe(0)
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

  it('calls a closed port a network error, with the endpoint but not its query', async () => {
    const origin = `http://127.0.0.1:${await findFreePort()}`
    await expect(local(`${origin}/path?canary`, { kind: 'discovery' })).rejects.toMatchObject({
      code: 'network_error',
      endpoint: `${origin}/path`,
      message: expect.not.stringContaining('canary'),
    })
  })

  it('calls a cut connection a network error', async () => {
    const { origin } = await serve((request) => request.socket.resetAndDestroy())
    await expect(local(origin, { kind: 'token' })).rejects.toMatchObject({ code: 'network_error' })
  })

  it('calls an answer that is not HTTP a network error', async () => {
    const { origin } = await serve((request) => request.socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
    await expect(local(origin, { kind: 'token' })).rejects.toMatchObject({ code: 'network_error' })
  })

  it('calls an impossible status an invalid response', async () => {
    const { origin } = await serve((request) => request.socket.end('HTTP/1.1 999 Odd\r\n\r\n'))
    await expect(local(origin, { kind: 'discovery' })).rejects.toMatchObject({ code: 'invalid_response' })
  })

  it('reaches this machine by name on a local network', async () => {
    const { port } = await serve((_request, response) => response.end('here'))
    const response = await local(`http://localhost:${port}`, { kind: 'discovery' })
    expect(await response.text()).toBe('here')
  })

  it('N4 sends nothing in the clear where localhost leads to another machine', async () => {
    const attempts = recordConnectionAttempts()
    for (const address of ['192.168.1.10', '10.0.0.1', '169.254.169.254']) {
      const guarded = createGuardedFetch({
        localNetwork: {},
        lookup: (_name, _options, callback) => callback(null, asAddresses([address])),
      })
      const request = guarded('http://localhost:8080', { kind: 'token', method: 'POST', body: 'code' })
      await expect(request, address).rejects.toMatchObject({ code: 'blocked_address' })
    }
    expect(attempts).toEqual([])
  })

  it('calls a name that does not exist a network error', async () => {
    const request = local('https://nobody.invalid', { kind: 'discovery' })
    await expect(request).rejects.toMatchObject({ code: 'network_error' })
  })
})

function asAddresses(addresses: readonly string[]) {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}

/** The guarded fetch of production, on a DNS that answers what the test wants. */
function resolvingTo(addresses: readonly string[]) {
  return createGuardedFetch({ lookup: (_name, _options, callback) => callback(null, asAddresses(addresses)) })
}

describe('a guarded fetch without a local network', () => {
  const guarded = createGuardedFetch()
  const spellings = [
    ...['localhost', 'localhost.', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.1', '2130706433', '0x7f.1'],
    ...['0177.0.0.1', '127.0.0.1.', '0.0.0.0', '0', '[::1]', '[::ffff:127.0.0.1]', '[::]', '①②⑦.0.0.1'],
  ]
  it.each(['http', 'https'])(
    'opens no connection to this machine by %s, however it is spelt',
    async (protocol) => {
      const server = await serve((_request, response) => response.end('secret'))
      for (const host of spellings) {
        const request = guarded(`${protocol}://${host}:${server.port}/`, { kind: 'discovery' })
        await expect(request, host).rejects.toMatchObject({ code: 'blocked_address' })
      }
      expect(server.connections()).toBe(0)
    },
  )

  it('N4 refuses a public name that resolves to this machine (DNS rebinding)', async () => {
    const server = await serve((_request, response) => response.end('secret'))
    const request = resolvingTo(['127.0.0.1'])(`https://pds.host.dev:${server.port}/`, { kind: 'resource' })
    await expect(request).rejects.toMatchObject({ code: 'blocked_address' })
    expect(server.connections()).toBe(0)
  })

  it.each([
    [['1.1.1.1', '127.0.0.1']],
    [['127.0.0.1', '1.1.1.1']],
    [['2606:4700::1111', '::1']],
    [['10.0.0.1', '169.254.169.254']],
  ])('N4 refuses a name of which one address is private, %j', async (addresses) => {
    const request = resolvingTo(addresses)('https://pds.host.dev/', { kind: 'token' })
    await expect(request).rejects.toMatchObject({ code: 'blocked_address' })
  })

  it('N4 judges each connection anew: a name that turns to an inner address is refused', async () => {
    const server = await serve((_request, response) => response.end('secret'))
    const answers = [['127.0.0.1'], ['10.0.0.1']]
    const guarded = createGuardedFetch({
      localNetwork: {},
      lookup: (_name, _options, callback) => callback(null, asAddresses(answers.shift() ?? [])),
    })
    const url = `https://pds.host.dev:${server.port}/`
    // The first look-up is allowed, and meets a server that speaks no TLS.
    await expect(guarded(url, { kind: 'token' })).rejects.toMatchObject({ code: 'network_error' })
    await expect(guarded(url, { kind: 'token' })).rejects.toMatchObject({ code: 'blocked_address' })
    expect([server.connections(), answers]).toEqual([1, []])
  })
})
