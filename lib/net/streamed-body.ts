/** Bodies that are sent and received as streams, without keeping them in memory. */
import type { ClientRequest } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { AtprotoAuthError } from '../errors.ts'

/**
 * Sends a stream as the body of a request and ends the request after it. When the request is aborted, the stream is
 * cancelled.
 *
 * @param fail called when the stream fails, or when the connection fails before the stream has been sent
 */
export function sendStream(
  source: ReadableStream<Uint8Array>,
  outgoing: ClientRequest,
  fail: (error: unknown) => void,
): void {
  // The stream types of Node and of the DOM describe the same class.
  const body = Readable.fromWeb(source as NodeReadableStream)
  body.on('error', (cause) => {
    if (outgoing.destroyed) return fail(cause)
    fail(new AtprotoAuthError('network_error', 'The stream of the request body failed.', { cause }))
  })
  pipeline(body, outgoing, (error) => {
    if (error) fail(error)
  })
}

/**
 * Returns the body of a response as a stream.
 *
 * @param explain converts the error of a broken connection to that of the reader
 * @param signal the caller's signal: its reason ends the body, even if the data has arrived but was not read yet
 */
export function receiveStream(
  message: Readable,
  explain: (error: unknown) => unknown,
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = Readable.toWeb(message).getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          signal?.throwIfAborted()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(signal?.aborted ? signal.reason : explain(error))
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
