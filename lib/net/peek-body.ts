/** Looks at the beginning of a body that other code is going to read. */

export interface PeekLimits {
  readonly maxBytes: number
  readonly maxMs: number
}

export interface PeekedBody {
  /** The whole body; undefined when it is longer or slower than the limits, or breaks off. */
  readonly start: Uint8Array | undefined
  /** The response, its body unread: what was looked at comes first, the rest as it arrives. */
  readonly whole: Response
}

type Read = Promise<ReadableStreamReadResult<Uint8Array>>

/**
 * Reads a body within limits. Not by `clone()`: of a cloned body, neither half can be given up alone, so a long answer would
 * be kept in memory, or be waited for without end.
 */
export async function peekBody(response: Response, { maxBytes, maxMs }: PeekLimits): Promise<PeekedBody> {
  const reader = response.body?.getReader()
  if (!reader) return { start: new Uint8Array(), whole: response }
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, maxMs)
  const chunks: Uint8Array[] = []
  let size = 0
  let isWhole = false
  /** The last read, whose result the reader of the replay still needs. */
  let pending: Read | undefined
  while (!isWhole && size <= maxBytes) {
    pending = reader.read()
    const result = await Promise.race([pending, late.promise]).catch(() => undefined)
    // Late or broken: the replay meets it when it comes to it.
    if (result === undefined) break
    isWhole = result.done
    if (result.done) continue
    pending = undefined
    chunks.push(result.value)
    size += result.value.byteLength
  }
  clearTimeout(timer)
  const { status, statusText, headers } = response
  const whole = new Response(replay(chunks, reader, pending), { status, statusText, headers })
  return { start: isWhole ? new Uint8Array(Buffer.concat(chunks)) : undefined, whole }
}

function replay(
  chunks: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
  pending: Read | undefined,
): ReadableStream<Uint8Array> {
  const waiting = [...chunks]
  let next = pending
  // Until the replay comes to it, a failure must not become an unhandled rejection.
  next?.catch(() => undefined)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = waiting.shift()
        if (chunk) return controller.enqueue(chunk)
        const { done, value } = await (next ?? reader.read())
        next = undefined
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
