/**
 * Bodies that are compressed although none of our requests asks for it (`Accept-Encoding: identity`): some gateways
 * compress every answer. RFC 9110 §8.4 lets a client decode what it knows.
 */
import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzipSync,
  inflateSync,
} from 'node:zlib'
import { AtprotoAuthError } from '../errors.ts'

interface Decoder {
  decode(body: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array<ArrayBuffer>
  stream(): Transform
}

const gzip: Decoder = { decode: gunzipSync, stream: createGunzip }
const decoders: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { decode: inflateSync, stream: createInflate }],
  ['br', { decode: brotliDecompressSync, stream: createBrotliDecompress }],
])

/** IANA's registry of content codings. */
const registered: ReadonlySet<string> = new Set([
  ...['aes128gcm', 'br', 'compress', 'dcb', 'dcz', 'deflate', 'exi', 'gzip', 'identity', 'pack200-gzip'],
  ...['x-compress', 'x-gzip', 'zstd'],
])
const MAX_LAYERS = 3

/** The content encoding of a body; undefined when it is not encoded. */
export function contentEncodingOf(headers: Headers): string | undefined {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase()
  return encoding === '' || encoding === 'identity' ? undefined : encoding
}

/** A response whose body may be encoded. */
export interface EncodedResponse {
  readonly headers: Headers
  /** The origin that answered, for the error message. */
  readonly source: string
}

/**
 * Decodes a whole body. Undefined when its encoding is not supported, or when it is not in that encoding. A body that
 * was encoded twice is not decoded: each layer could multiply its size.
 *
 * @param maxBytes the limit of the decoded body
 * @throws AtprotoAuthError `response_too_large`
 */
export function decodeBytes(
  bytes: Uint8Array<ArrayBuffer>,
  { headers, source }: EncodedResponse,
  maxBytes: number,
): Uint8Array<ArrayBuffer> | undefined {
  const encoding = contentEncodingOf(headers)
  if (encoding === undefined || bytes.byteLength === 0) return bytes
  try {
    return decoders.get(encoding)?.decode(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new AtprotoAuthError('response_too_large', `${source} sent more than ${maxBytes} bytes.`)
    // The body is broken, or is in another encoding than its header says.
    return undefined
  }
}

/** A body that is decoded as it is read. */
export interface DecodedStream {
  readonly stream: Readable
  /** Converts an error of the stream, if it is that of the decoder. */
  explain(error: unknown): unknown
}

/** Decodes a body as it is read; undefined when it is not encoded, or in a way that is not supported. */
export function decodeStream(
  message: IncomingMessage,
  { headers, source }: EncodedResponse,
): DecodedStream | undefined {
  const encoding = contentEncodingOf(headers)
  const decoder = encoding === undefined ? undefined : decoders.get(encoding)?.stream()
  if (encoding === undefined || !decoder) return undefined
  let failure: unknown
  message.on('error', (error) => {
    failure = error
    decoder.destroy(error)
  })
  // The end of the body, whatever follows it, and a reader that gives up end the message too.
  for (const event of ['end', 'close'] as const) decoder.once(event, () => message.destroy())
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
    explain: (error) => (failure === undefined ? encodingError({ headers, source }) : error),
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

/** The headers of the decoded body. */
export function headersOfDecoded(received: Headers): Headers {
  const headers = new Headers(received)
  for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  return headers
}

/** The error for a body that cannot be decoded. */
export function encodingError({ headers, source }: EncodedResponse): AtprotoAuthError {
  return new AtprotoAuthError('invalid_response', `${source} ${describeEncoding(headers)}.`)
}

/** Says in a message that a body is encoded, and how. A name that is not registered may be anything, so it is not shown. */
export function describeEncoding(headers: Headers): string {
  const layers = (contentEncodingOf(headers) ?? 'identity').split(',').slice(0, MAX_LAYERS)
  const names = layers.map((layer) => (registered.has(layer.trim()) ? layer.trim() : 'unknown')).join(', ')
  return `answered with content encoding "${names}", although none was requested`
}
