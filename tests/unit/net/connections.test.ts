/** Kept connections that the other side has closed meanwhile, on a real server that does so at the worst moment. */
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
