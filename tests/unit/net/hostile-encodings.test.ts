/** Compressed answers that do not end, or end badly. */
import { randomBytes } from 'node:crypto'
import { brotliCompressSync, constants, crc32, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, it, vi } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { readBytes } from '../../../lib/net/read-bytes.ts'
import { refusalOf } from '../../support/refusal.ts'
import { serve } from '../../support/unit/serve.ts'

const guarded = createGuardedFetch({ localNetwork: {}, idleMs: 1_500 })
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

it('a bomb is stopped by the limit of its reader, and its connection closed', async () => {
  // The best quality would take seconds.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
  const bomb = brotliCompressSync(Buffer.alloc(100 * 1024 * 1024), { params })
  let closed = 0
  const { origin } = await serve((_request, response) => {
    response.on('close', () => (closed += 1))
    response.writeHead(200, { 'content-encoding': 'br', 'content-type': 'application/json' })
    response.write(bomb)
  })
  const response = await guarded(origin, { kind: 'resource' })
  await expect(readBytes(response, 1_000_000, 'x')).rejects.toMatchObject({ code: 'response_too_large' })
  for (const kind of ['discovery', 'token'] as const)
    expect(await refusalOf(guarded(origin, { kind, signal: AbortSignal.timeout(3_000) }))).toBeDefined()
  await vi.waitFor(() => expect(closed).toBe(3), { timeout: 20_000 })
})

const empty = Buffer.concat(Array<Buffer>(13_000).fill(Buffer.from([0, 0, 0, 0xff, 0xff])))
const zeros = Buffer.alloc(65_536)

/** A server that sends that, and then goes on with the other for as long as the client reads. */
async function endless(encoding: string, head: Uint8Array, tail: Uint8Array) {
  const seen = { closed: false, sent: 0 }
  const { origin } = await serve((request, response) => {
    request.socket.on('close', () => (seen.closed = true))
    response.writeHead(200, { 'content-encoding': encoding, 'content-type': 'application/json' })
    response.write(head)
    const more = () => {
      let isRoom = true
      while (isRoom && !seen.closed) {
        isRoom = response.write(tail)
        seen.sent += tail.byteLength
      }
      if (!seen.closed) response.once('drain', more)
    }
    setTimeout(more, 50)
  })
  return { origin, seen }
}

it.each([
  ['gzip', gzipSync('{"a":1}')],
  ['deflate', deflateSync('{"a":1}')],
  ['br', brotliCompressSync('{"a":1}')],
])(
  'what follows the end of %s is not downloaded for ever, after the reader has all',
  async (encoding, body) => {
    const { origin, seen } = await endless(encoding, body, zeros)
    const response = await guarded(origin, { kind: 'resource' })
    expect(await response.text()).toBe('{"a":1}')
    await vi.waitFor(() => expect(seen.closed).toBe(true), { timeout: 20_000 })
  },
)

it('a body that decodes to nothing is not read past the limit of its reader', async () => {
  const { origin } = await endless('deflate', Buffer.from([0x78, 0x01]), empty)
  const response = await guarded(origin, { kind: 'resource' })
  const result = await Promise.race([
    refusalOf(readBytes(response, 1_000_000, 'x')),
    sleep(20_000).then(() => 'reads on'),
  ])
  expect(result).not.toBe('reads on')
})

it.each([
  ['frames', zstdCompressSync('      ')],
  ['frames with nothing in them', zstdCompressSync('')],
])(
  'a body in zstd of very many small %s, each a call of the decoder, is not decoded to its end',
  async (_, frame) => {
    const body = Buffer.concat(Array<Buffer>(20_000).fill(frame))
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(body),
    )
    const response = await createGuardedFetch({ localNetwork: {} })(origin, { kind: 'resource' })
    await expect(response.text()).rejects.toMatchObject({ code: 'invalid_response' })
  },
)

it('an honest body in zstd of many frames is decoded to its end', async () => {
  const piece = randomBytes(8_192)
  const frames = Buffer.concat(Array<Buffer>(3_000).fill(zstdCompressSync(piece)))
  const { origin } = await serve((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'zstd' }).end(frames),
  )
  const response = await createGuardedFetch({ localNetwork: {} })(origin, { kind: 'resource' })
  expect((await response.arrayBuffer()).byteLength).toBe(3_000 * piece.byteLength)
})

it('a compressed body that is never read, aborted or cut raises nothing', async () => {
  const { origin } = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.write(gzipSync('x'.repeat(100_000)).subarray(0, 50))
    setTimeout(() => response.destroy(), 200)
  })
  for (let i = 0; i < 5; i += 1) {
    const abort = new AbortController()
    const response = await guarded(origin, { kind: 'resource', signal: abort.signal })
    if (i % 2) abort.abort(new Error('stop'))
    if (i > 2) await response.text().catch(() => undefined)
    if (i === 2) await response.body?.cancel()
  }
  await sleep(500)
})

it('an honest answer whose coding adds to each of its small pieces is not taken for one that decodes to nothing', async () => {
  // What a server sends that flushes after every 16 bytes of something that cannot be compressed: 21 bytes for each.
  const piece = Buffer.from('0123456789abcdef')
  const block = Buffer.concat([Buffer.from([0, 16, 0, 0xef, 0xff]), piece])
  const count = 300_000
  const plain = Buffer.concat(Array<Buffer>(count).fill(piece))
  const checksum = Buffer.alloc(8)
  checksum.writeUInt32LE(crc32(plain))
  checksum.writeUInt32LE(plain.byteLength, 4)
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
  const body = Buffer.concat([head, ...Array<Buffer>(count).fill(block), Buffer.from([3, 0]), checksum])
  const { origin } = await serve((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(body),
  )
  const response = await guarded(origin, { kind: 'resource' })
  expect(Buffer.from(await response.arrayBuffer()).equals(plain)).toBe(true)
})
