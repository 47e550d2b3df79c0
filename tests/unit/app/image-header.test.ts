import { describe, expect, it } from 'vitest'
import { readImageHeader } from '../../../app/compose/image-header.ts'
import { drawAvatar } from '../../support/network/avatar.ts'

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  new Uint8Array(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [...part])),
  )

const zeros = (count: number) => Array.from({ length: count }, () => 0)
/** A frame of 640 by 480 pixels (SOF0), after whatever comes before it. */
const jpeg = (...before: readonly (readonly number[])[]) =>
  bytes([0xff, 0xd8], ...before, [0xff, 0xc0, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80], zeros(10))
/** An Exif segment with nothing but an orientation, in either byte order. */
const exif = (orientation: number, order: 'II' | 'MM') => {
  const words = (...values: readonly number[]) =>
    values.flatMap((value) => (order === 'II' ? [value, 0] : [0, value]))
  const tiff = [
    ...Buffer.from(order),
    ...words(42),
    ...(order === 'II' ? [8, 0, 0, 0] : [0, 0, 0, 8]),
    ...words(1),
  ]
  const tag = order === 'II' ? [0x12, 0x01] : [0x01, 0x12]
  const entry = [
    ...tag,
    ...words(3),
    ...(order === 'II' ? [1, 0, 0, 0] : [0, 0, 0, 1]),
    ...words(orientation),
    0,
    0,
  ]
  const body = [...Buffer.from('Exif'), 0, 0, ...tiff, ...entry]
  return [0xff, 0xe1, 0, body.length + 2, ...body]
}

describe('readImageHeader', () => {
  it('reads a PNG', () => {
    expect(readImageHeader(drawAvatar(32))).toEqual({ mimeType: 'image/png', width: 32, height: 32 })
  })

  it('reads a GIF', () => {
    const gif = bytes('GIF89a', [0x80, 0x02, 0xe0, 0x01])
    expect(readImageHeader(gif)).toEqual({ mimeType: 'image/gif', width: 640, height: 480 })
  })

  it.each([
    ['lossy', bytes('RIFF', zeros(4), 'WEBPVP8 ', zeros(10), [0x80, 0x02, 0xe0, 0x01])],
    ['lossless', bytes('RIFF', zeros(4), 'WEBPVP8L', zeros(4), [0x2f, 0x7f, 0xc2, 0x77, 0x00])],
    ['extended', bytes('RIFF', zeros(4), 'WEBPVP8X', zeros(8), [0x7f, 0x02, 0, 0xdf, 0x01, 0])],
  ])('reads a %s WebP', (_, webp) => {
    expect(readImageHeader(webp)).toEqual({ mimeType: 'image/webp', width: 640, height: 480 })
  })

  it('reads a JPEG, past other segments and fill bytes', () => {
    const comment = [0xff, 0xfe, 0, 4, 1, 2]
    const expected = { mimeType: 'image/jpeg', width: 640, height: 480 }
    expect(readImageHeader(jpeg(comment, [0xff]))).toEqual(expected)
  })

  it.each(['II', 'MM'] as const)('turns a photo that was taken sideways (%s)', (order) => {
    expect(readImageHeader(jpeg(exif(6, order)))).toMatchObject({ width: 480, height: 640 })
    expect(readImageHeader(jpeg(exif(3, order)))).toMatchObject({ width: 640, height: 480 })
  })

  it.each([
    ['nothing', bytes()],
    ['a text', bytes('Once upon a time there was a caterpillar')],
    [
      'an SVG with a script',
      bytes('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ],
    ['a page', bytes('<!doctype html><script>alert(1)</script>')],
    ['a PNG that breaks off', drawAvatar(32).subarray(0, 20)],
    ['a PNG without extent', bytes([...drawAvatar(32).subarray(0, 16)], zeros(8))],
    ['a JPEG that never comes to a frame', bytes([0xff, 0xd8, 0xff, 0xfe, 0, 4, 1, 2])],
    ['a JPEG whose segment leads outside', bytes([0xff, 0xd8, 0xff, 0xfe, 0xff, 0xff])],
    [
      'Exif whose directory leads outside',
      jpeg([
        0xff,
        0xe1,
        0,
        16,
        ...Buffer.from('Exif'),
        0,
        0,
        ...Buffer.from('II'),
        42,
        0,
        255,
        255,
        255,
        255,
      ]),
    ],
    ['a RIFF that is no WebP', bytes('RIFF', zeros(4), 'WAVEfmt ', zeros(20))],
  ])('does not take %s for a picture', (_, file) => {
    expect(readImageHeader(file)).toBeUndefined()
  })

  it('is not kept busy by a picture with many Exif segments that share one endless directory', () => {
    const segments = 2_000
    // Each segment says that its directory begins behind the last of them, and that it holds 65,535 entries.
    const directory = segments * 20
    const picture = new Uint8Array(2 + directory + 2 + 65_535 * 12)
    const view = new DataView(picture.buffer)
    let reads = 0
    view.setUint16(0, 0xffd8)
    for (let at = 2; at < 2 + directory; at += 20) {
      view.setUint16(at, 0xffe1)
      view.setUint16(at + 2, 18)
      picture.set(Buffer.from('Exif\0\0MM'), at + 4)
      view.setUint32(at + 14, 2 + directory - (at + 10))
    }
    view.setUint16(2 + directory, 65_535)
    const counted = DataView.prototype.getUint16
    DataView.prototype.getUint16 = function (...args) {
      reads += 1
      return counted.apply(this, args)
    }
    try {
      readImageHeader(picture)
    } finally {
      DataView.prototype.getUint16 = counted
    }
    expect(reads).toBeLessThan(5 * segments)
  })
})
