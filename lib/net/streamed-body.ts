/** Bodies that are sent and received as streams, without keeping them in memory. */
import type { ClientRequest, IncomingMessage } from 'node:http'
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

export interface ReceiveOptions {
  /** Converts the error of a broken connection to that of the reader. */
  explain(error: unknown): unknown
  /** The caller's signal: its reason ends the body, even if the data has arrived but was not read yet. */
  readonly signal?: AbortSignal | undefined
  /** Called when the reader gives up; the reader waits for what it returns. */
  cancel(): Promise<void> | void
}

/**
 * Returns the body of a response as a stream. It is one stream on the events of Node's: `Readable.toWeb()` with a second
 * stream around it took more CPU than the rest of receiving an answer.
 */
export function receiveStream(
  body: Readable,
  { explain, signal, cancel }: ReceiveOptions,
): ReadableStream<Uint8Array> {
  let isOver = false
  /** Lets a read go on that waits for bytes. */
  let wake: (() => void) | undefined
  const finish = <T>(end: () => T) => {
    if (isOver) return undefined
    isOver = true
    wake?.()
    return end()
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const fail = (error: unknown) =>
          finish(() => controller.error(signal?.aborted ? signal.reason : explain(error)))
        body.on('end', () => (signal?.aborted ? fail(signal.reason) : finish(() => controller.close())))
        body.on('error', fail)
        body.on('close', () => fail(new Error('The body broke off.')))
        body.on('readable', () => {
          if (wake) wake()
          // Nothing but its end: that frees the connection, whether or not the reader asks for more.
          else if (body.readableLength === 0) body.read()
        })
      },
      async pull(controller) {
        while (!isOver) {
          if (signal?.aborted) return finish(() => controller.error(signal.reason))
          const chunk: Uint8Array | null = body.read()
          if (chunk) return controller.enqueue(ownBytes(chunk))
          const { promise, resolve } = Promise.withResolvers<void>()
          wake = resolve
          await promise
          wake = undefined
        }
      },
      cancel: () => finish(cancel),
    },
    { highWaterMark: 0 },
  )
}

/** The bytes in memory of their own: a reader may transfer it, and Node's buffers share theirs. */
function ownBytes(chunk: Uint8Array): Uint8Array {
  const isAlone = chunk.byteLength === chunk.buffer.byteLength
  return isAlone ? new Uint8Array(chunk.buffer) : new Uint8Array(chunk)
}

/**
 * Gives up the body of a response. If it has arrived already, the connection stays open, and is free for the next request
 * afterwards.
 */
export async function dropBody(message: IncomingMessage): Promise<void> {
  if (!message.complete) return void message.destroy()
  if (message.readableEnded || message.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const event of ['end', 'close'] as const) message.once(event, () => resolve())
  message.unpipe()
  let rest: unknown
  do rest = message.read()
  while (rest !== null)
  await promise
}
