/** Work that goes on when the response has been sent, on hosts that would stop then. */
import 'server-only'
import { after } from 'next/server.js'

/**
 * Keeps the host awake until the work is done, where Next offers it; elsewhere the process simply lives on. A
 * function is called only once the response has been sent. The work must not reject.
 */
export function afterResponse(work: Promise<unknown> | (() => Promise<unknown>)): void {
  try {
    after(work)
  } catch {
    // Outside a request, or while a page is made for the cache: nothing to wait for.
    if (typeof work === 'function') void work()
  }
}
