/**
 * Decodes content codings: those that calls to the PDS ask for, and those of answers that a gateway has compressed
 * although `Accept-Encoding: identity` was sent.
 */
import type { Transform } from 'node:stream'
// As a whole: a named import of zstd would not load on a Node.js without it.
import zlib from 'node:zlib'
import { AtprotoAuthError } from '../errors.ts'
import { contentEncodingOf, type EncodedResponse } from './content-encoding.ts'
import { createFrameDivider, decodeAllFrames } from './zstd-frames.ts'

interface Decoder {
  decode(body: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array<ArrayBuffer>
  stream(): Transform
}

/** Four times the default of Node, which nearly halves the CPU of decoding a timeline (decision 23). */
const chunkSize = 64 * 1024

const gzip: Decoder = { decode: zlib.gunzipSync, stream: () => zlib.createGunzip({ chunkSize }) }
const decoders = new Map<string, Decoder>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { decode: zlib.inflateSync, stream: () => zlib.createInflate({ chunkSize }) }],
  ['br', { decode: zlib.brotliDecompressSync, stream: () => zlib.createBrotliDecompress({ chunkSize }) }],
])
/** Node.js has it from 22.15 on. */
const hasZstd = typeof zlib.createZstdDecompress === 'function'
if (hasZstd) {
  // RFC 9659: the largest window of this coding is 8 MiB. A few bytes could name a larger one, and have that memory taken.
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: 23 }
  decoders.set('zstd', {
    decode: (body, options) => {
      // The first would be taken for all of it. No one asks for this coding where bodies are decoded whole.
      if (createFrameDivider()(body).length > 1) throw new TypeError('The body has several frames.')
      return zlib.zstdDecompressSync(body, { ...options, params })
    },
    stream: () => decodeAllFrames(zlib.createZstdDecompress({ chunkSize, params })),
  })
}

/**
 * The value of `Accept-Encoding` for codings that this Node.js decodes, the one that costs least CPU first (decision 23).
 * Not `deflate`, which servers send with and without its header.
 */
export const supportedEncodings: string = hasZstd ? 'zstd, br, gzip' : 'br, gzip'

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

/** A stream that decodes what is written to it; undefined for a body that is not encoded, or in a way that is not supported. */
export function createDecoder(headers: Headers): Transform | undefined {
  const encoding = contentEncodingOf(headers)
  return encoding === undefined ? undefined : decoders.get(encoding)?.stream()
}
