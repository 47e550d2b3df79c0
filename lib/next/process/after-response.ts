/** Work that continues after the response was sent, on hosts that would stop the process then. */
import 'server-only'
import { after } from 'next/server.js'

/**
 * Keeps the host running until the work is done, by Next's `after` where it is available; elsewhere the process keeps
 * running anyway. A function is called only after the response was sent. The work must not reject.
 */
export function afterResponse(work: Promise<unknown> | (() => Promise<unknown>)): void {
  try {
    after(work)
  } catch {
    // Outside a request, or while a page is rendered for the cache: there is no response to wait for.
    if (typeof work === 'function') void work()
  }
}
