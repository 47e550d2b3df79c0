/** The parts of the benchmark's network on which its figures depend. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { chooseEncoding } from '../../../tools/bench/network/bench-server.ts'
import { startLink } from '../../../tools/bench/network/link.ts'
import { person, personOfDid, personOfHandle } from '../../../tools/bench/network/people.ts'
import { noTraffic } from '../../../tools/bench/network/traffic.ts'

describe('the encoding of an answer', () => {
  it('is the best that was asked for', () => {
    expect(chooseEncoding('gzip, deflate, br')).toBe('br')
    expect(chooseEncoding('gzip, deflate')).toBe('gzip')
    expect(chooseEncoding('zstd, BR;q=0.5, gzip;q=1')).toBe('br')
  })

  it('is none where none was asked for', () => {
    for (const accepted of [undefined, '', 'identity', 'deflate', 'gzip;q=0, br;q=0.0', 'brotli'])
      expect(chooseEncoding(accepted)).toBeUndefined()
  })
})

describe('the accounts', () => {
  it('are found by handle and by DID', () => {
    for (const number of [0, 1, 25, 26, 12_345]) {
      const account = person(number)
      expect(personOfHandle(account.handle)).toEqual(account)
      expect(personOfDid(account.did)).toEqual(account)
    }
    expect(personOfHandle('alice.test')).toBeUndefined()
    expect(personOfDid('did:web:example.com')).toBeUndefined()
  })
})

describe('the link', () => {
  it('passes bytes on in both directions, and counts them and the connections', async () => {
    const traffic = noTraffic()
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const link = await startLink({ target: portOf(echo), roundTripMs: () => 2, traffic })
    const socket = connect(portOf(link), '127.0.0.1')
    let received = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text
    })
    for (const text of ['a', 'bc', 'def']) socket.write(text)
    socket.end()
    await once(socket, 'close')
    link.close()
    echo.close()
    expect(received).toBe('abcdef')
    expect(traffic).toEqual({ requests: 0, connections: 1, bytes: 12 })
  })
})

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
