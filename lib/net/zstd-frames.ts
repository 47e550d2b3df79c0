/**
 * Where the frames of a body in zstd end (RFC 8878 §3.1). A body may have several. Node.js begins the next one when it comes
 * in a chunk of its own; what follows a frame in the same chunk is dropped, and the body looks complete without it.
 */
import type { Transform } from 'node:stream'

/** Each frame is decoded by a call of its own, which takes as long as many kilobytes in one frame. So many may be small, */
const MAX_SMALL_FRAMES = 1_000
/** and of the others each has so many bytes, on average. */
const USUAL_FRAME_BYTES = 4_096
const SKIPPABLE = 0x184d2a50
const RLE_BLOCK = 1
/** Of the id of a dictionary, by the last two bits of the descriptor. */
const DICTIONARY_BYTES = [0, 1, 2, 4]

/** So many of the next bytes, which are read, or passed over. */
interface Wanted {
  readonly bytes: number
  readonly isRead: boolean
}

const read = (bytes: number): Wanted => ({ bytes, isRead: true })
const pass = (bytes: number): Wanted => ({ bytes, isRead: false })

/** Goes through one frame. A decoder judges it; what is no frame ends anywhere. */
function* frame(): Generator<Wanted, void, Buffer> {
  const magic = (yield read(4)).readUInt32LE()
  // The last four bits are free.
  if (magic - (magic & 0xf) === SKIPPABLE) {
    yield pass((yield read(4)).readUInt32LE())
    return
  }
  const descriptor = (yield read(1)).readUInt8()
  const hasWindow = (descriptor & 0x20) === 0
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 && hasWindow ? 0 : 1 << sizeFlag
  yield pass((hasWindow ? 1 : 0) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + sizeBytes)
  for (let isLast = false; !isLast; ) {
    const head = (yield read(3)).readUIntLE(0, 3)
    isLast = (head & 1) === 1
    // A block of one repeated byte holds it once, whatever its size is.
    yield pass(((head >> 1) & 3) === RLE_BLOCK ? 1 : head >> 3)
  }
  if (descriptor & 4) yield pass(4)
}

/** Returns a function that divides the chunks of a body, one after the other, so that nothing follows the end of a frame. */
export function createFrameDivider(): (chunk: Uint8Array) => readonly Uint8Array[] {
  let steps = frame()
  let step = steps.next()
  let gathered: number[] = []
  let missing = step.value?.bytes ?? 0
  const advance = () => {
    step = steps.next(Buffer.from(gathered))
    const isEnd = step.done === true
    if (isEnd) {
      steps = frame()
      step = steps.next()
    }
    gathered = []
    missing = step.value?.bytes ?? 0
    return isEnd
  }
  return (chunk) => {
    const parts: Uint8Array[] = []
    let begin = 0
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = Math.min(missing, chunk.byteLength - at)
      if (step.value?.isRead) gathered.push(...chunk.subarray(at, at + taken))
      at += taken
      missing -= taken
      let isEnd = false
      while (missing === 0 && !isEnd) isEnd = advance()
      if (!isEnd) continue
      parts.push(chunk.subarray(begin, at))
      begin = at
    }
    if (begin < chunk.byteLength || parts.length === 0) parts.push(chunk.subarray(begin))
    return parts
  }
}

/** Has a decoder of one frame decode all of them, unless they are very many and very small; returns it. */
export function decodeAllFrames(decoder: Transform): Transform {
  const divide = createFrameDivider()
  const decode = decoder._transform.bind(decoder)
  let small = 0
  decoder._transform = (chunk: Uint8Array, encoding, done) => {
    const parts = divide(chunk)
    small += parts.length - 1 - chunk.byteLength / USUAL_FRAME_BYTES
    if (small > MAX_SMALL_FRAMES) return done(new Error('The body has too many small frames.'))
    const decodeFrom = (index: number) => {
      const part = parts[index]
      if (!part) return done()
      decode(part, encoding, (error) => (error ? done(error) : decodeFrom(index + 1)))
    }
    decodeFrom(0)
  }
  return decoder
}
