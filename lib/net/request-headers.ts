/** The headers that a request of the guarded fetch leaves with. */
import { supportedEncodings } from './content-encoding.ts'
import type { GuardedRequest } from './guarded-fetch.ts'

/**
 * The caller's headers with those that only the transport can know: the size or framing of the body, and the content
 * codings that its answer may have.
 */
export function headersFor(
  request: Pick<GuardedRequest, 'kind' | 'method' | 'headers'>,
  body: Uint8Array | ReadableStream<Uint8Array> | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers ?? []) headers[name] = value
  headers['accept-encoding'] = wantsIdentity(request) ? 'identity' : supportedEncodings
  headers['user-agent'] ??= 'next-atproto-auth'
  if (body instanceof Uint8Array) headers['content-length'] = String(body.byteLength)
  // Set explicitly: for DELETE, Node would send the body without framing, and it would be read as another request.
  else if (body && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked'
  return headers
}

/**
 * Whether the answer has to come as it is, without a content coding. What else a caller accepts is not sent, because it is
 * not the caller who decodes the answer: an application may forward the headers of a browser, which knows other codings.
 */
export function wantsIdentity({
  kind,
  method,
  headers,
}: Pick<GuardedRequest, 'kind' | 'method' | 'headers'>): boolean {
  // Documents of discovery and token answers are small, and come from servers that are not known yet: compression saves
  // little there, and their limits of size hold for what is received.
  if (kind !== 'resource') return true
  // The answer to HEAD describes the body that a GET would have; of a compressed one it would tell the wrong length.
  if (method === 'HEAD') return true
  // A range of a compressed body cannot be decoded, and its numbers count compressed bytes (RFC 9110 §14.1.2).
  if (headers?.has('range')) return true
  return headers?.get('accept-encoding')?.trim().toLowerCase() === 'identity'
}
