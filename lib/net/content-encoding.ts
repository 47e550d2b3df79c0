/** What headers say of content codings (RFC 9110 §8.4): whether an answer may be compressed, and whether it is. */
import { AtprotoAuthError } from '../errors.ts'

/** IANA's registry of content codings. */
const registered: ReadonlySet<string> = new Set([
  ...['aes128gcm', 'br', 'compress', 'dcb', 'dcz', 'deflate', 'exi', 'gzip', 'identity', 'pack200-gzip'],
  ...['x-compress', 'x-gzip', 'zstd'],
])
const MAX_LAYERS = 3

/** A request, as far as the coding of its answer depends on it. */
export interface AskingRequest {
  readonly kind: 'discovery' | 'token' | 'resource'
  readonly method?: string
  readonly headers?: Headers
}

/**
 * Whether the answer has to come as it is, without a content coding. What else a caller accepts is not sent, because it is
 * not the caller who decodes the answer: an application may forward the headers of a browser, which knows other codings.
 */
export function wantsIdentity({ kind, method, headers }: AskingRequest): boolean {
  // Documents of discovery and token answers are small, and come from servers that are not known yet: compression saves
  // little there, and their limits of size hold for what is received.
  if (kind !== 'resource') return true
  // The answer to HEAD describes the body that a GET would have; of a compressed one it would tell the wrong length.
  if (method === 'HEAD') return true
  // A range of a compressed body cannot be decoded, and its numbers count compressed bytes (RFC 9110 §14.1.2).
  if (headers?.has('range')) return true
  return headers?.get('accept-encoding')?.trim().toLowerCase() === 'identity'
}

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

/** The headers of the decoded body. */
export function headersOfDecoded(received: Headers): Headers {
  const headers = new Headers(received)
  for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  return headers
}

/** The error for a body in a coding that cannot be decoded, although the request asked for none. */
export function unrequestedEncodingError({ headers, source }: EncodedResponse): AtprotoAuthError {
  const message = `${source} answered with content encoding "${describeEncoding(headers)}", although none was requested.`
  return new AtprotoAuthError('invalid_response', message)
}

/** The error for a body that cannot be decoded, whatever the request asked for. */
export function encodingError({ headers, source }: EncodedResponse): AtprotoAuthError {
  const message = `${source} answered with content encoding "${describeEncoding(headers)}", which could not be decoded.`
  return new AtprotoAuthError('invalid_response', message)
}

/** The content encoding as a message may show it: a name that is not registered may be anything, so it is not shown. */
export function describeEncoding(headers: Headers): string {
  const layers = (contentEncodingOf(headers) ?? 'identity').split(',').slice(0, MAX_LAYERS)
  return layers.map((layer) => (registered.has(layer.trim()) ? layer.trim() : 'unknown')).join(', ')
}
