/**
 * Bodies that are not held in memory: sent and received piece by piece, and told in the words of the door that
 * they pass when they break off.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { AtprotoAuthError } from '../errors.ts'

/**
 * Sends a stream as the body of a request and ends the request with it. When the request is given up, the
 * stream is cancelled.
 *
 * @param fail called when the stream fails, or the connection before it is sent
 */
export function sendStream(
  source: ReadableStream<Uint8Array>,
  outgoing: ClientRequest,
  fail: (error: unknown) => void,
): void {
  // Node's own stream type and the DOM's describe one and the same class.
  const body = Readable.fromWeb(source as NodeReadableStream)
  body.on('error', (cause) => {
    if (outgoing.destroyed) return fail(cause)
    fail(new AtprotoAuthError('network_error', 'The body of the request broke off.', { cause }))
  })
  pipeline(body, outgoing, (error) => {
    if (error) fail(error)
  })
}

/**
 * The body of a response as it comes in.
 *
 * @param explain what the reader is told when the connection breaks
 * @param signal the caller's own: its reason ends the body, also one that has come in but was not read yet
 */
export function receiveStream(
  message: IncomingMessage,
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
