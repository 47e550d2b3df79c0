/** Bodies in zstd of several frames (RFC 8878 §3), of which Node.js decodes as many as happen to come in chunks of their own. */
import { buffer } from 'node:stream/consumers'
import { constants, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../../lib/net/decoders.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'
import { serve } from '../../support/unit/serve.ts'

const withChecksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }
const withoutSize = { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } }
const random = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n * 31 + (n >> 3)) & 0xff))
/** Nothing to decode: four bytes that say so, a length, and that many bytes (RFC 8878 §3.1.2). */
const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
const frames: readonly (readonly [string, readonly [Buffer, string | Buffer][]])[] = [
  [
    'two',
    [
      [zstdCompressSync('{"first":1,'), '{"first":1,'],
      [zstdCompressSync('"second":2}'), '"second":2}'],
    ],
  ],
  [
    'with a checksum',
    [
      [zstdCompressSync('a'.repeat(500), withChecksum), 'a'.repeat(500)],
      [zstdCompressSync('b', withChecksum), 'b'],
    ],
  ],
  [
    'without a size',
    [
      [zstdCompressSync('c'.repeat(90), withoutSize), 'c'.repeat(90)],
      [zstdCompressSync('d', withoutSize), 'd'],
    ],
  ],
  [
    'to skip',
    [
      [skippable, ''],
      [zstdCompressSync('e'), 'e'],
      [skippable, ''],
      [skippable, ''],
    ],
  ],
  [
    'empty',
    [
      [zstdCompressSync(''), ''],
      [zstdCompressSync('f'), 'f'],
      [zstdCompressSync(''), ''],
    ],
  ],
]
const encoded = (parts: readonly [Buffer, unknown][]) => Buffer.concat(parts.map(([frame]) => frame))
const decoded = (parts: readonly [unknown, string | Buffer][]) =>
  Buffer.concat(parts.map(([, text]) => Buffer.from(text)))

async function decode(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const decoder = createDecoder(new Headers({ 'content-encoding': 'zstd' }))
  if (!decoder) throw new Error('This Node.js has no zstd.')
  for (const chunk of chunks) decoder.write(chunk)
  decoder.end()
  return buffer(decoder)
}

describe('a body in zstd of several frames', () => {
  it.each(frames)('is decoded to its end, wherever the network divides it: %s', async (_, parts) => {
    const body = encoded(parts)
    for (let at = 0; at <= body.byteLength; at += 1)
      expect(await decode([body.subarray(0, at), body.subarray(at)])).toEqual(decoded(parts))
    expect(await decode([...body].map((byte) => Uint8Array.of(byte)))).toEqual(decoded(parts))
  })

  it('is decoded to its end when its frames have many blocks', async () => {
    const long = [
      zstdCompressSync(random),
      zstdCompressSync('x'.repeat(400_000)),
      zstdCompressSync(random, withChecksum),
    ]
    const whole = Buffer.concat([random, Buffer.from('x'.repeat(400_000)), random])
    expect((await decode([Buffer.concat(long)])).equals(whole)).toBe(true)
  })

  it('is not cut off in an answer of the PDS, which would look complete', async () => {
    const body = Buffer.concat([zstdCompressSync('{"first":1,'), zstdCompressSync('"second":2}')])
    const { origin, connections } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(body),
    )
    const guarded = createGuardedFetch({ localNetwork: {} })
    for (let round = 0; round < 2; round += 1)
      expect(await (await guarded(origin, { kind: 'resource' })).json()).toEqual({ first: 1, second: 2 })
    expect(connections()).toBe(1)
  })

  it.each([
    ['garbage', Buffer.from('{"evil":true}')],
    ['the beginning of a frame', zstdCompressSync('more').subarray(0, 7)],
    ['a single byte', Buffer.from([0x28])],
  ])('is an error when what follows a frame is none: %s', async (_, rest) => {
    const body = Buffer.concat([zstdCompressSync('{}'), rest])
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(body),
    )
    const response = await createGuardedFetch({ localNetwork: {} })(origin, { kind: 'resource' })
    await expect(response.text()).rejects.toMatchObject({ code: 'invalid_response' })
  })

  it('is not taken for its first frame in an answer that is read whole', async () => {
    const body = Buffer.concat([
      zstdCompressSync('{"sub":"did:plc:a"}'),
      zstdCompressSync('{"sub":"did:plc:b"}'),
    ])
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(body),
    )
    const guarded = createGuardedFetch({ localNetwork: {} })
    for (const kind of ['discovery', 'token'] as const)
      expect(await refusalOf(guarded(origin, { kind }))).toMatchObject({ code: 'invalid_response' })
  })
})
