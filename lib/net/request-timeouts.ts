/**
 * The time limits of one request that the platform's fetch sends, whether or not that fetch observes its abort signal.
 */
import type { GuardedRequest } from './guarded-fetch.ts'
import { explainFailure, idleError, TOTAL_MS } from './limits.ts'

export interface RequestTimeouts {
  readonly url: URL
  /** Aborted when the time is up or the caller aborts. */
  readonly signal: AbortSignal
  /** Returns the result of a step, or rejects when the time is up before. */
  limit<T>(step: Promise<T>): Promise<T>
  /** Wraps the body of the request; each chunk counts as progress. */
  wrapRequestBody(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>
  /** Wraps the body of the response and limits each chunk. */
  wrapResponseBody(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>
  /**
   * Returns the error for the caller of a failed request, which is the caller's own abort reason if there is one.
   * Cancels the request body.
   */
  fail(error: unknown): unknown
}

/** @param idleMs how long the request may go without progress */
export function createRequestTimeouts(
  url: URL,
  { kind, signal: callerSignal }: GuardedRequest,
  idleMs: number,
): RequestTimeouts {
  const deadline = kind === 'resource' ? undefined : AbortSignal.timeout(TOTAL_MS[kind])
  const idle = new AbortController()
  const failed = new AbortController()
  const signal = AbortSignal.any([idle.signal, deadline, callerSignal].filter((one) => one !== undefined))
  let timer: ReturnType<typeof setTimeout> | undefined
  const progress = () => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(idleError(url, idleMs)), idleMs)
  }
  const explain = (error: unknown) => {
    if (callerSignal?.aborted) return callerSignal.reason
    return idle.signal.aborted ? idle.signal.reason : explainFailure(error, { url, deadline })
  }
  let isWaiting = false
  const limit = async <T>(step: Promise<T>) => {
    isWaiting = true
    progress()
    try {
      return await unlessAborted(step, signal)
    } finally {
      isWaiting = false
      clearTimeout(timer)
    }
  }
  const wrapRequestBody = (body: ReadableStream<Uint8Array>) =>
    relayRequestBody(body, AbortSignal.any([signal, failed.signal]), () => {
      // Once the response has begun, only its reader waits.
      if (isWaiting) progress()
    })
  const fail = (error: unknown) => {
    const reason = explain(error)
    failed.abort(reason)
    return reason
  }
  const wrapResponseBody = (body: ReadableStream<Uint8Array>) => relayResponseBody(body, limit, explain)
  return { url, signal, limit, wrapRequestBody, wrapResponseBody, fail }
}

/**
 * Relays the body as it is read. When the signal is aborted, it fails and its source is cancelled, because a fetch may
 * not do that.
 */
function relayRequestBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onProgress: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const abort = () => {
          // Before cancelling, which ends the stream: a partial body must not look complete.
          controller.error(signal.reason)
          // A source that has failed has nothing to cancel.
          reader.cancel(signal.reason).catch(() => undefined)
        }
        if (signal.aborted) abort()
        else signal.addEventListener('abort', abort, { once: true })
      },
      async pull(controller) {
        const { done, value } = await reader.read()
        if (signal.aborted) return
        onProgress()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

function relayResponseBody(
  body: ReadableStream<Uint8Array>,
  limit: RequestTimeouts['limit'],
  explain: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await limit(reader.read())
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(explain(error))
          // If it has failed already, there is nothing to cancel.
          await reader.cancel(error).catch(() => undefined)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

async function unlessAborted<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    // In this order: data that has already arrived is not returned after the time is up.
    return await Promise.race([aborted.promise, step])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
