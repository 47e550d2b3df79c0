/** Compressed bodies that are decoded as they are read, and no further. */
import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { type EncodedResponse, encodingError } from './content-encoding.ts'
import { createDecoder } from './decoders.ts'
import { dropBody } from './streamed-body.ts'

/** A body that is decoded as it is read. */
export interface DecodedStream {
  readonly stream: Readable
  /** Converts an error of the stream, if it is that of the decoder. */
  explain(error: unknown): unknown
}

/** Decodes a body as it is read; undefined when it is not encoded, or in a way that is not supported. */
export function decodeStream(message: IncomingMessage, response: EncodedResponse): DecodedStream | undefined {
  const decoder = createDecoder(response.headers)
  if (!decoder) return undefined
  let failure: unknown
  message.on('error', (error) => {
    failure = error
    decoder.destroy(error)
  })
  // The end of the body, whatever follows it, and a reader that gives up end the message too.
  for (const event of ['end', 'close'] as const) decoder.once(event, () => void dropBody(message))
  limitOverhead(message, decoder)
  // An empty body is not one in that encoding, which a decoder would call broken.
  let isEmpty = true
  message.once('data', () => {
    isEmpty = false
  })
  message.once('end', () => void (isEmpty ? decoder.push(null) : decoder.end()))
  message.pipe(decoder, { end: false })
  return {
    stream: decoder,
    explain: (error) => (failure === undefined ? encodingError(response) : error),
  }
}

/** More bytes than those allowed for what came out, beyond what is under way: such a body only keeps its reader waiting. */
const MAX_OVERHEAD_BYTES = 1024 * 1024
/**
 * How many bytes may go in for one that comes out. Codings add some to what cannot be compressed, for each block and each time
 * that a server flushes, so long answers of that kind exceed any fixed number.
 */
const BYTES_FOR_ONE = 2

/** Ends a body that goes on without decoding to anything: a limit on the decoded bytes would never be reached. */
function limitOverhead(message: IncomingMessage, decoder: Transform): void {
  let overhead = 0
  message.on('data', (chunk: Uint8Array) => {
    overhead += chunk.byteLength
    if (overhead > MAX_OVERHEAD_BYTES) decoder.destroy(new Error('The body decodes to nothing.'))
  })
  const push = decoder.push.bind(decoder)
  decoder.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk instanceof Uint8Array) overhead -= BYTES_FOR_ONE * chunk.byteLength
    return push(chunk, encoding)
  }
}
