/** The limits of every request, and the errors for failed ones. Both implementations of the guarded fetch use them. */
import { AtprotoAuthError } from '../errors.ts'

/** Maximum size of a response of the kinds `discovery` and `token`. */
export const MAX_BYTES = 64 * 1024
/** From sending the request to the last byte of the response. */
export const TOTAL_MS = { discovery: 5_000, token: 30_000 } as const
/** How long a request may go without a byte sent or received. */
export const IDLE_MS = 60_000
/** How long resolving the name and connecting to the host may take. */
export const CONNECT_MS = 30_000

/** The error for a request without progress. */
export function idleError(url: URL, idleMs: number): AtprotoAuthError {
  return new AtprotoAuthError('timeout', `${url.origin} sent nothing for ${idleMs / 1000} s.`)
}

/** The error for a request whose connection could not be opened in time: nothing was sent. */
export function connectError(url: URL): AtprotoAuthError {
  return new AtprotoAuthError('timeout', `No connection to ${url.origin} could be opened in time.`, {
    sent: false,
  })
}

export interface FailedRequest {
  readonly url: URL
  readonly deadline: AbortSignal | undefined
  /** Whether it is certain that nothing of the request has reached the server. */
  readonly isUnsent?: boolean
}

/** The error for a request without a response. Errors of this library are returned unchanged. */
export function explainFailure(error: unknown, { url, deadline, isUnsent }: FailedRequest): AtprotoAuthError {
  if (error instanceof AtprotoAuthError) return error
  // Node's parser keeps the bytes that it could not read, which may be tokens.
  if (error instanceof Error && 'rawPacket' in error) delete error.rawPacket
  const details = { cause: error, endpoint: url.origin + url.pathname, ...(isUnsent && { sent: false }) }
  return deadline?.aborted
    ? new AtprotoAuthError('timeout', `${url.origin} did not answer in time.`, details)
    : new AtprotoAuthError('network_error', `${url.origin} could not be reached.`, details)
}

/**
 * @throws AtprotoAuthError `invalid_response` for a status that `Response` does not allow: a protocol switch, or no
 * status
 */
export function checkStatus(status: number): void {
  if (status >= 200 && status <= 599) return
  throw new AtprotoAuthError('invalid_response', `The response has the impossible status ${status}.`)
}

/** Whether responses with this status have no body, whatever the server sends. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
