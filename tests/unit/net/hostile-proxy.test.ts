/** Proxies that try to get more than bytes of TLS. */
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'
import { startForwardProxy } from '../../support/unit/forward-proxy.ts'
import { serveHttps } from '../../support/unit/serve-https.ts'

const HOST = 'pds.host.dev'
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

it('a tunnel outlives the limit for opening it', async () => {
  const server = await serveHttps(HOST, async (_request, response) => {
    response.writeHead(200)
    for (let i = 0; i < 20; i += 1) {
      response.write('x')
      await sleep(100)
    }
    response.end()
  })
  const proxy = await startForwardProxy({ target: server.port })
  const guarded = createGuardedFetch({
    localNetwork: { ca: server.ca },
    proxy: `http://u:canary@127.0.0.1:${proxy.port}`,
    idleMs: 500,
  })
  const r = await guarded(`https://${HOST}:${server.port}/`, { kind: 'resource' })
  expect(await r.text()).toBe('x'.repeat(20))
})

it('other hosts get other tunnels, and no credentials of the proxy', async () => {
  const seen: string[] = []
  const server = await serveHttps(HOST, (request, response) => {
    seen.push(JSON.stringify(request.headers))
    response.end('ok')
  })
  const proxy = await startForwardProxy({ target: server.port })
  const guarded = createGuardedFetch({
    localNetwork: { ca: server.ca },
    proxy: `http://u:canary@127.0.0.1:${proxy.port}`,
  })
  await (await guarded(`https://${HOST}:${server.port}/`, { kind: 'resource' })).text()
  const error = await refusalOf(guarded(`https://other.host.dev:${server.port}/`, { kind: 'resource' }))
  expect(proxy.heads.length).toBe(2)
  expect(seen.join()).not.toMatch(/proxy-auth|canary|dTpjYW5hcnk/i)
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/canary|dTpjYW5hcnk/)
  expect(proxy.tunnelled().toString('latin1')).not.toMatch(/dTpjYW5hcnk/)
})

it.each([
  ['200 and bytes later', () => 'HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'],
  [
    '100 for ever',
    () => 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50),
    'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50),
  ],
  ['slow head', () => 'HTTP/1.1 2', '00'],
  ['echo of credentials in reason', (h: string) => `HTTP/1.1 502 ${/basic (\S+)/i.exec(h)?.[1]}\r\n\r\n`, ''],
  ['echo of credentials in a broken head', (h: string) => `HTTP/1.1 200 OK\r\n${h}\r\n\r\n`, ''],
  ['200 with content-length', () => 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', ''],
  ['101', () => 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', ''],
  ['204', () => 'HTTP/1.1 204 No\r\n\r\n', 'garbage'],
])('a proxy that answers with %s gets no credentials into an error', async (_, first, later) => {
  const proxy = await startForwardProxy({
    answer(client, head) {
      client.write(first(head))
      const t = setInterval(() => (client.destroyed ? clearInterval(t) : client.write(later || ' ')), 100)
      client.on('close', () => clearInterval(t))
    },
  })
  const warned: string[] = []
  const guarded = createGuardedFetch({
    proxy: `http://u:canary@127.0.0.1:${proxy.port}`,
    idleMs: 1_000,
    warn: (m) => warned.push(m),
  })
  const error = await refusalOf(guarded(`https://${HOST}/`, { kind: 'discovery' }))
  const all = inspect(error, { depth: 9, showHidden: true }) + warned.join()
  expect(all).not.toMatch(/canary|dTpjYW5hcnk/)
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    for (const key of Reflect.ownKeys(at)) {
      const v: unknown = Reflect.get(at, key)
      expect(v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : inspect(v)).not.toMatch(
        /canary|dTpjYW5hcnk/,
      )
    }
})

it('an abort while the tunnel opens closes it', async () => {
  let open = 0
  const server = await serveHttps(HOST, (_request, response) => void response.end('ok'))
  const proxy = await startForwardProxy({
    answer(client) {
      open += 1
      client.on('close', () => (open -= 1))
      client.on('error', () => undefined)
      setTimeout(() => client.write('HTTP/1.1 200 OK\r\n\r\n'), 300)
    },
  })
  const guarded = createGuardedFetch({
    localNetwork: { ca: server.ca },
    proxy: `http://127.0.0.1:${proxy.port}`,
  })
  for (const ms of [100, 290, 300, 301, 302, 310]) {
    await refusalOf(
      guarded(`https://${HOST}:${server.port}/`, { kind: 'resource', signal: AbortSignal.timeout(ms) }),
    )
  }
  await sleep(600)
  expect(open).toBe(0)
})
