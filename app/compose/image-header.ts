/**
 * Type and size of a picture, read from its first bytes: browsers derive the type of a file only from its name.
 * JPEG (ITU-T T.81) with Exif orientation, PNG (ISO/IEC 15948), WebP (RFC 9649) and GIF89a.
 */

/** Exif entries to look at; cameras write some dozens. */
const maxEntries = 512

export interface ImageHeader {
  readonly mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif'
  /** In pixels, after rotation. */
  readonly width: number
  readonly height: number
}

/** Type and size; undefined for any other format, and for a header that is incomplete or gives no size. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const header = readPng(view) ?? readGif(view) ?? readWebp(view) ?? readJpeg(view)
    return header && header.width > 0 && header.height > 0 ? header : undefined
  } catch (error) {
    // The file is shorter than its header.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readPng(view: DataView): ImageHeader | undefined {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return undefined
  if (text(view, 12, 4) !== 'IHDR') return undefined
  return { mimeType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

function readGif(view: DataView): ImageHeader | undefined {
  if (!/^GIF8[79]a$/.test(text(view, 0, 6))) return undefined
  return { mimeType: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

function readWebp(view: DataView): ImageHeader | undefined {
  if (text(view, 0, 4) !== 'RIFF' || text(view, 8, 4) !== 'WEBP') return undefined
  const size = webpSize(view, text(view, 12, 4))
  return size && { mimeType: 'image/webp', ...size }
}

function webpSize(view: DataView, chunk: string) {
  if (chunk === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (chunk !== 'VP8X') return undefined
  const threeBytes = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  return { width: threeBytes(24) + 1, height: threeBytes(27) + 1 }
}

/** Goes from marker to marker until the one that starts a frame. */
function readJpeg(view: DataView): ImageHeader | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined
  /** Only the first Exif segment counts: a hostile file may have thousands. */
  let isTurned: boolean | undefined
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1)
    // Any number of fill bytes may precede a marker.
    if (marker === 0xff) {
      at += 1
      continue
    }
    const length = view.getUint16(at + 2)
    if (marker === 0xe1) isTurned ??= isTurnedByExif(view, at + 4)
    if (isFrame(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      const mimeType = 'image/jpeg'
      return isTurned ? { mimeType, width: height, height: width } : { mimeType, width, height }
    }
    at += 2 + length
  }
  return undefined
}

/** SOF0 to SOF15; three markers in that range have other meanings. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

/** Whether the picture is shown turned by 90°: orientations 5 to 8 (Exif 2.3 §4.6.4, tag 0x0112). */
function isTurnedByExif(view: DataView, at: number): boolean | undefined {
  if (text(view, at, 4) !== 'Exif') return undefined
  const start = at + 6
  const isLittle = text(view, start, 2) === 'II'
  const directory = start + view.getUint32(start + 4, isLittle)
  const count = Math.min(view.getUint16(directory, isLittle), maxEntries)
  for (let entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
    if (view.getUint16(entry, isLittle) === 0x0112) return view.getUint16(entry + 8, isLittle) >= 5
  }
  return false
}

function text(view: DataView, at: number, length: number): string {
  return String.fromCharCode(...Array.from({ length }, (_, i) => view.getUint8(at + i)))
}
