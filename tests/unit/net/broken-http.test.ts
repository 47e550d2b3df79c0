/** An answer that is not quite HTTP, with tokens in it: what the error keeps of it. */
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
