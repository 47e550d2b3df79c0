/** The answer to a request of the guarded fetch, as a `Response`: read whole or streamed, within its limits. */
import type { IncomingMessage } from 'node:http'
import { contentEncodingOf, headersOfDecoded, unrequestedEncodingError } from './content-encoding.ts'
import { decodeStream } from './decode-stream.ts'
import { decodeBytes } from './decoders.ts'
import { checkStatus, explainFailure, hasNoBody, MAX_BYTES } from './limits.ts'
import { readBytes } from './read-bytes.ts'
import { dropBody, receiveStream } from './streamed-body.ts'

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
    // A 205 response may have a body anyway, perhaps an endless one: it is not waited for.
    await dropBody(message)
    return new Response(null, { status, headers })
  }
  const answer = { message, status, headers }
  try {
    checkStatus(status)
    if (request.method === 'HEAD') {
      await dropBody(message)
      return new Response(null, { status, headers })
    }
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
  { signal }: AnsweredRequest,
  origin: AnswerOrigin,
): Response {
  const explain = (error: unknown) => explainFailure(error, origin)
  // A part of an encoded body cannot be decoded.
  const decoded = status === 206 ? undefined : decodeStream(message, { headers, source: origin.url.origin })
  if (!decoded) {
    const body = receiveStream(message, { explain, signal, cancel: () => dropBody(message) })
    return new Response(body, { status, headers })
  }
  const { stream } = decoded
  const body = receiveStream(stream, {
    explain: (error) => explain(decoded.explain(error)),
    signal,
    cancel: () => void stream.destroy(),
  })
  return new Response(body, { status, headers: headersOfDecoded(headers) })
}

async function readResponse(
  { message, status, headers }: Answer,
  { maxBytes = MAX_BYTES, signal }: AnsweredRequest,
  origin: AnswerOrigin,
): Promise<Response> {
  const source = origin.url.origin
  const explain = (error: unknown) => explainFailure(error, origin)
  const stream = receiveStream(message, { explain, signal, cancel: () => dropBody(message) })
  const received = await readBytes(new Response(stream), maxBytes, source)
  if (contentEncodingOf(headers) === undefined) return new Response(received, { status, headers })
  const body = decodeBytes(received, { headers, source }, maxBytes)
  if (body) return new Response(body, { status, headers: headersOfDecoded(headers) })
  // Of a failure, the status is enough; a success is of no use without its body.
  if (status >= 400) return new Response(received, { status, headers })
  throw unrequestedEncodingError({ headers, source })
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '')
  return headers
}
