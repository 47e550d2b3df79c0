/** Bodies that are not needed, given up in the way that costs least. */

/** Every refusal of a server fits, and a page of a gateway. */
const MAX_BYTES = 64 * 1024
/** A new connection takes two round trips, or three with a proxy. No body is waited for longer than that would take. */
const MAX_MS = 200

/**
 * Reads a body to its end, so that its connection can be used again: HTTP/1.1 has no other way, and cancelling closes the
 * connection. A body of more than 64 KiB, or one that takes longer than 200 ms, is cancelled. Never rejects.
 */
export async function discardBody({ body, headers }: Response): Promise<void> {
  // What another reader has begun is that reader's.
  if (!body || body.locked) return
  const reader = body.getReader()
  const giveUp = () => void reader.cancel().catch(() => undefined)
  // Waiting would not help: it is longer, and says so.
  if (Number(headers.get('content-length')) > MAX_BYTES) return giveUp()
  const timer = setTimeout(giveUp, MAX_MS)
  try {
    let size = 0
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength
      if (size > MAX_BYTES) return giveUp()
    }
  } catch {
    // It broke off, or the caller has aborted the request: there is no connection to keep.
  } finally {
    clearTimeout(timer)
  }
}
