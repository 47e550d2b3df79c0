/** An answer that is not quite HTTP: that the request ends, and what the error keeps of the tokens in it. */
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'

async function rawServer(answer: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

it.each([
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nbroken header\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n'],
  ['a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['no head at all', ''],
])('SF-6 a token answer with %s leaves no token in the error', async (_, head) => {
  const tokens = '{"access_token":"CANARY-access","refresh_token":"CANARY-refresh"}'
  const origin = await rawServer(head + tokens)
  const guarded = createGuardedFetch({ localNetwork: {} })
  const error = await refusalOf(guarded(`${origin}/token`, { kind: 'token', method: 'POST', body: 'x' }))
  expect(error).toBeInstanceOf(AtprotoAuthError)
  const bytes: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    for (const key of Reflect.ownKeys(at)) {
      const value: unknown = Reflect.get(at, key)
      bytes.push(value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : inspect(value))
    }
  expect(bytes.join('\n')).not.toContain('CANARY')
})

it.each(['discovery', 'token', 'resource'] as const)(
  'a server that switches the protocol unasked does not keep a request open for ever: %s',
  async (kind) => {
    const origin = await rawServer(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    )
    const guarded = createGuardedFetch({ localNetwork: {} })
    expect(await refusalOf(guarded(origin, { kind }))).toMatchObject({ code: 'invalid_response' })
  },
)

it('a connection that is closed after a provisional answer ends the request', async () => {
  const origin = await rawServer('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n')
  const guarded = createGuardedFetch({ localNetwork: {} })
  expect(await refusalOf(guarded(origin, { kind: 'resource' }))).toMatchObject({ code: 'network_error' })
})
