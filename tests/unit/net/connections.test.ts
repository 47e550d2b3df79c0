/**
 * Kept connections that the other side has closed meanwhile, on a real server that does so at the worst moment, and
 * new ones that take their time to open.
 */
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'

const local = createGuardedFetch({ localNetwork: {} })

interface StaleServer {
  readonly origin: string
  /** What came on each connection, in the order of the connections. */
  readonly connections: readonly string[][]
}

/** Answers the first request of each connection; the second meets a reset, as from a server that has just gone idle. */
async function startStaleServer(): Promise<StaleServer> {
  const connections: string[][] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const lines: string[] = []
    connections.push(lines)
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      lines.push(data.toString().split('\r\n', 1)[0] ?? '')
      if (lines.length > 1) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, connections }
}

const isQuiet = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('a connection that was closed while it lay idle', () => {
  it('is no failure of a GET: it is sent once more, on a new one', async () => {
    const { origin, connections } = await startStaleServer()
    for (const path of ['/1', '/2']) {
      expect(await (await local(origin + path, { kind: 'discovery' })).text()).toBe('ok')
      await isQuiet()
    }
    expect(connections).toEqual([['GET /1 HTTP/1.1', 'GET /2 HTTP/1.1'], ['GET /2 HTTP/1.1']])
  })

  it('RF-7 is not tried again with what must not be sent twice', async () => {
    const { origin, connections } = await startStaleServer()
    const post = { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' } as const
    expect((await local(origin, post)).status).toBe(200)
    await isQuiet()
    expect(await refusalOf(local(origin, post))).toMatchObject({ code: 'network_error', sent: undefined })
    expect(connections).toEqual([['POST / HTTP/1.1', 'POST / HTTP/1.1']])
  })

  it('is not met by such a request: after a second of idleness it takes a new one', async () => {
    const { origin, connections } = await startStaleServer()
    const post = { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' } as const
    expect((await local(origin, post)).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect((await local(origin, post)).status).toBe(200)
    expect(connections).toEqual([['POST / HTTP/1.1'], ['POST / HTTP/1.1']])
  })

  it('of another request is not taken by it either', async () => {
    const { origin, connections } = await startStaleServer()
    expect((await local(origin, { kind: 'discovery' })).status).toBe(200)
    await isQuiet()
    expect((await local(origin, { kind: 'token', method: 'POST', body: 'x=1' })).status).toBe(200)
    expect(connections).toHaveLength(2)
  })

  it('is found out once: a server that resets new ones too is told as such', async () => {
    const { origin, connections } = await startStaleServer()
    expect((await local(origin, { kind: 'discovery' })).status).toBe(200)
    const signal = AbortSignal.timeout(5_000)
    await isQuiet()
    expect((await local(origin, { kind: 'discovery', signal })).status).toBe(200)
    expect(connections.flat()).toHaveLength(3)
  })
})

const post = { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' } as const

/** A guarded fetch on a DNS that answers late, or never if the delay is left out. */
function withSlowDns({ delayMs, idleMs }: { readonly delayMs?: number; readonly idleMs?: number }) {
  return createGuardedFetch({
    localNetwork: {},
    idleMs,
    lookup: (_name, _options, callback) => {
      if (delayMs === undefined) return
      setTimeout(() => callback(null, [{ address: '127.0.0.1', family: 4 }]), delayMs)
    },
  })
}

const byName = (origin: string) => origin.replace('127.0.0.1', 'localhost')

describe('a connection that takes longer to open than one may lie idle', () => {
  it.each([
    ['a token request', post],
    ['a call of the PDS that must not be sent twice', { ...post, kind: 'resource' }],
  ] as const)('is waited for by %s', async (_, request) => {
    const { origin, connections } = await startStaleServer()
    const response = await withSlowDns({ delayMs: 1_500 })(byName(origin), request)
    expect([response.status, connections.length]).toEqual([200, 1])
  })

  it('is kept no longer than others', async () => {
    const { origin, connections } = await startStaleServer()
    const slow = withSlowDns({ delayMs: 1_200 })
    expect((await slow(byName(origin), post)).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect((await slow(byName(origin), post)).status).toBe(200)
    expect(connections).toEqual([['POST / HTTP/1.1'], ['POST / HTTP/1.1']])
  })

  it('RF-7 has sent nothing when it is given up', async () => {
    const lost = withSlowDns({ idleMs: 200 })('http://localhost:8443', post)
    expect(await refusalOf(lost)).toMatchObject({ code: 'timeout', sent: false })
  })
})

describe('a call of the PDS that must not be sent twice', () => {
  it('takes no connection that has been idle for more than a second', async () => {
    const { origin, connections } = await startStaleServer()
    const call = { kind: 'resource', method: 'POST', body: '{}' } as const
    expect((await local(origin, call)).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect((await local(origin, call)).status).toBe(200)
    expect(connections).toHaveLength(2)
  })

  it.each(['POST', 'PUT', 'DELETE'])('takes none that a GET has left behind: %s', async (method) => {
    const { origin, connections } = await startStaleServer()
    expect((await local(origin, { kind: 'resource' })).status).toBe(200)
    await isQuiet()
    expect((await local(origin, { kind: 'resource', method })).status).toBe(200)
    expect(connections).toHaveLength(2)
  })
})
