/** The answer to a request of the guarded fetch, as a `Response`: read whole or streamed, within its limits. */
import type { IncomingMessage } from 'node:http'
import {
  contentEncodingOf,
  decodeBytes,
  decodeStream,
  encodingError,
  headersOfDecoded,
} from './content-encoding.ts'
import { checkStatus, explainFailure, hasNoBody, MAX_BYTES } from './limits.ts'
import { readBytes } from './read-bytes.ts'
import { receiveStream } from './streamed-body.ts'

/** The request that is answered, as far as its answer depends on it. */
export interface AnsweredRequest {
  /** A `resource` is streamed; every other answer is read before it is returned. */
  readonly kind: 'discovery' | 'token' | 'resource'
  readonly method?: string
  readonly maxBytes?: number
  readonly signal?: AbortSignal | undefined
}

export interface AnswerOrigin {
  readonly url: URL
  readonly deadline: AbortSignal | undefined
}

/**
 * Returns the response. A compressed body is decompressed within the same limits, and its headers say so.
 *
 * @throws AtprotoAuthError `response_too_large`; `invalid_response` for an impossible status, and for a successful
 *   answer that cannot be decoded; `network_error`, `timeout`
 */
export async function receiveResponse(
  message: IncomingMessage,
  request: AnsweredRequest,
  origin: AnswerOrigin,
): Promise<Response> {
  const status = message.statusCode ?? 0
  const headers = headersOf(message)
  if (hasNoBody(status)) {
    // A 205 response may have a body anyway, perhaps an endless one: it is not read.
    if (status === 205) message.destroy()
    else message.resume()
    return new Response(null, { status, headers })
  }
  const answer = { message, status, headers }
  try {
    checkStatus(status)
    return request.kind === 'resource'
      ? streamResponse(answer, request, origin)
      : await readResponse(answer, request, origin)
  } catch (error) {
    message.destroy()
    throw error
  }
}

interface Answer {
  readonly message: IncomingMessage
  readonly status: number
  readonly headers: Headers
}

function streamResponse(
  { message, status, headers }: Answer,
  { method, signal }: AnsweredRequest,
  origin: AnswerOrigin,
): Response {
  const explain = (error: unknown) => explainFailure(error, origin)
  // The header of an answer to HEAD describes a body that does not come.
  const decoded =
    method === 'HEAD' ? undefined : decodeStream(message, { headers, source: origin.url.origin })
  if (!decoded) return new Response(receiveStream(message, explain, signal), { status, headers })
  const body = receiveStream(decoded.stream, (error) => explain(decoded.explain(error)), signal)
  return new Response(body, { status, headers: headersOfDecoded(headers) })
}

async function readResponse(
  { message, status, headers }: Answer,
  { maxBytes = MAX_BYTES, signal }: AnsweredRequest,
  origin: AnswerOrigin,
): Promise<Response> {
  const source = origin.url.origin
  const stream = receiveStream(message, (error) => explainFailure(error, origin), signal)
  const received = await readBytes(new Response(stream), maxBytes, source)
  if (contentEncodingOf(headers) === undefined) return new Response(received, { status, headers })
  const body = decodeBytes(received, { headers, source }, maxBytes)
  if (body) return new Response(body, { status, headers: headersOfDecoded(headers) })
  // Of a failure, the status is enough; a success is of no use without its body.
  if (status >= 400) return new Response(received, { status, headers })
  throw encodingError({ headers, source })
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  return headers
}
