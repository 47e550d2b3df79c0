/** The headers that a request of the guarded fetch leaves with. */
import { type AskingRequest, wantsIdentity } from './content-encoding.ts'
import { supportedEncodings } from './decoders.ts'

/**
 * The caller's headers with those that only the transport can know: the size or framing of the body, and the content
 * codings that its answer may have.
 */
export function headersFor(
  request: AskingRequest,
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
