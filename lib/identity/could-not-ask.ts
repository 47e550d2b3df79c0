/**
 * "Could not ask" is never "does not exist". An account may be missing only when something says so that knows it: the
 * DNS, the host of a handle, the directory. A server that is down, slow or blocked, or that refuses to answer us, says
 * nothing about the account: the error is then `server_unavailable`, which is retryable and never cached.
 *
 * A visitor must not learn more than that: the messages are the same for a closed port, a wrong certificate and a slow
 * server, and for a blocked address, unless it is the host of a typed handle: then it is as if the name did not exist. What
 * happened is in `cause`, for the log.
 */
import { AtprotoAuthError } from '../errors.ts'

/**
 * Refusals that are about this request or this moment: authentication, payment, a bot check or a firewall (403), a
 * proxy, a limit, a court (451).
 */
const refusals: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 421, 425, 429, 451])

/** Whether a response with this status says only that the server does not answer us, or not now. */
export function isRefusal(status: number): boolean {
  return status >= 500 || refusals.has(status)
}

/**
 * Whether a request failed because the name of the host does not exist, or has no address. `dns.lookup` of Node.js says
 * ENOTFOUND for both; a look-up that failed is EAI_AGAIN. Another name, such as that of a proxy, says nothing.
 */
export function isUnknownHost(error: unknown, host: string): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < MAX_DEPTH; at = at.cause, depth += 1) {
    if ('code' in at && at.code === 'ENOTFOUND') return !('hostname' in at) || at.hostname === host
  }
  return false
}

/** Whether the host answered, but with more than any answer to the question could be. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof AtprotoAuthError && error.code === 'response_too_large'
}

/** Errors of `fetch` functions hold the error of the socket two or three levels down. */
const MAX_DEPTH = 5
