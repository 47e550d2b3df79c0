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

/** More bytes in than out, beyond what is under way: such a body is not compressed, it only keeps its reader waiting. */
const MAX_OVERHEAD_BYTES = 1024 * 1024

/** Ends a body that goes on without decoding to anything: a limit on the decoded bytes would never be reached. */
function limitOverhead(message: IncomingMessage, decoder: Transform): void {
  let overhead = 0
  message.on('data', (chunk: Uint8Array) => {
    overhead += chunk.byteLength
    if (overhead > MAX_OVERHEAD_BYTES) decoder.destroy(new Error('The body decodes to nothing.'))
  })
  const push = decoder.push.bind(decoder)
  decoder.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk instanceof Uint8Array) overhead -= chunk.byteLength
    return push(chunk, encoding)
  }
}
