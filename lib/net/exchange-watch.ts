/** Holds one exchange over a foreign fetch to its time, whether or not that fetch heeds its signal. */
import type { GuardedRequest } from './guarded-fetch.ts'
import { explainFailure, idleError, TOTAL_MS } from './limits.ts'

export interface Watch {
  readonly url: URL
  /** Aborted when the time is up or the caller gives up. */
  readonly signal: AbortSignal
  /** The outcome of a step, unless the time is up before. */
  over<T>(step: Promise<T>): Promise<T>
  /** The body of the request; each piece shows that there is progress. */
  sending(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>
  /** The body of the answer, each piece a step. */
  receiving(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>
  /** What the caller of a request that failed is told, its own reason first; the request's body is cancelled. */
  fail(error: unknown): unknown
}

/** @param idleMs how long nothing may come or go */
export function createWatch(url: URL, { kind, signal: given }: GuardedRequest, idleMs: number): Watch {
  const deadline = kind === 'resource' ? undefined : AbortSignal.timeout(TOTAL_MS[kind])
  const idle = new AbortController()
  const failed = new AbortController()
  const signal = AbortSignal.any([idle.signal, deadline, given].filter((one) => one !== undefined))
  let timer: ReturnType<typeof setTimeout> | undefined
  const progress = () => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(idleError(url, idleMs)), idleMs)
  }
  const explain = (error: unknown) => {
    if (given?.aborted) return given.reason
    return idle.signal.aborted ? idle.signal.reason : explainFailure(error, { url, deadline })
  }
  let isWaiting = false
  const over = async <T>(step: Promise<T>) => {
    isWaiting = true
    progress()
    try {
      return await unlessAborted(step, signal)
    } finally {
      isWaiting = false
      clearTimeout(timer)
    }
  }
  const sending = (body: ReadableStream<Uint8Array>) =>
    send(body, AbortSignal.any([signal, failed.signal]), () => {
      // Once the answer has begun, only its reader waits.
      if (isWaiting) progress()
    })
  const fail = (error: unknown) => {
    const reason = explain(error)
    failed.abort(reason)
    return reason
  }
  return { url, signal, over, sending, receiving: (body) => receive(body, over, explain), fail }
}

/** The body as it is taken. It breaks off, and is cancelled, with the signal: a fetch need not do so with what it leaves. */
function send(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onProgress: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const breakOff = () => {
          // Before the end that cancelling brings: what was taken so far must not look like all of it.
          controller.error(signal.reason)
          // One that is broken itself has nothing to cancel.
          reader.cancel(signal.reason).catch(() => undefined)
        }
        if (signal.aborted) breakOff()
        else signal.addEventListener('abort', breakOff, { once: true })
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

function receive(
  body: ReadableStream<Uint8Array>,
  over: Watch['over'],
  explain: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await over(reader.read())
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(explain(error))
          // It may be broken already: then there is nothing to cancel.
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
    // In this order: what has come already is not handed out after the end.
    return await Promise.race([aborted.promise, step])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
