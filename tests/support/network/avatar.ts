/** Draws the demo avatar, a moon over hills, as a PNG (ISO/IEC 15948) without any image library. */
import { crc32, deflateSync } from 'node:zlib'

type Colour = readonly [red: number, green: number, blue: number]

const duskTop: Colour = [49, 46, 129]
const duskBottom: Colour = [251, 146, 160]
const moon: Colour = [255, 244, 214]
const farHill: Colour = [91, 64, 140]
const nearHill: Colour = [43, 33, 84]

/** Returns the PNG file of a square picture, `size` pixels wide. */
export function drawAvatar(size: number): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: size }, (_, y) => drawRow(size, y))
  return encodePng(size, Buffer.concat(rows))
}

/** One scan line: the filter byte 0 ("none"), then RGB triples. */
function drawRow(size: number, y: number): Buffer {
  const row = Buffer.alloc(1 + size * 3)
  for (let x = 0; x < size; x++) row.set(colourAt((x + 0.5) / size, (y + 0.5) / size, size), 1 + x * 3)
  return row
}

/** Paints from back to front; each edge is one pixel soft, so that it does not look jagged. */
function colourAt(x: number, y: number, size: number): Colour {
  const soft = (distance: number) => Math.min(1, Math.max(0, distance * size + 0.5))
  const glow = Math.max(0, 1 - Math.hypot(x - 0.64, y - 0.34) / 0.55) ** 2 * 0.5
  let colour = mix(mix(duskTop, duskBottom, y * 1.25), moon, glow)
  colour = mix(colour, moon, soft(0.16 - Math.hypot(x - 0.64, y - 0.34)))
  colour = mix(colour, farHill, soft(y - 0.68 - 0.08 * Math.sin(x * 5 + 0.6)))
  return mix(colour, nearHill, soft(y - 0.82 - 0.07 * Math.sin(x * 4 + 3.4)))
}

function mix(from: Colour, to: Colour, amount: number): Colour {
  const part = Math.min(1, Math.max(0, amount))
  const blend = (a: number, b: number) => Math.round(a + (b - a) * part)
  return [blend(from[0], to[0]), blend(from[1], to[1]), blend(from[2], to[2])]
}

function encodePng(size: number, scanLines: Buffer): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 2], 8) // 8 bits a channel, RGB; the other three fields stay 0
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanLines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}
