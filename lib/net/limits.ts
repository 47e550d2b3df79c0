/** The bounds that every request is held to, and what is said when one fails: the same at each door to the outside. */
import { AtprotoAuthError } from '../errors.ts'

/** Of an answer of the kinds `discovery` and `token`. */
export const MAX_BYTES = 64 * 1024
/** From the request to the last byte of its answer. */
export const TOTAL_MS = { discovery: 5_000, token: 30_000 } as const
/** How long nothing may come or go. */
export const IDLE_MS = 60_000
/** How long it may take to look a name up and reach its host. */
export const CONNECT_MS = 30_000

/** What a request that was silent for too long ends with. */
export function idleError(url: URL, idleMs: number): AtprotoAuthError {
  return new AtprotoAuthError('timeout', `${url.origin} sent nothing for ${idleMs / 1000} s.`)
}

/** What a request ends with for which no connection was open in time: nothing of it was sent. */
export function connectError(url: URL): AtprotoAuthError {
  return new AtprotoAuthError('timeout', `No connection to ${url.origin} could be opened in time.`, {
    sent: false,
  })
}

export interface FailedRequest {
  readonly url: URL
  readonly deadline: AbortSignal | undefined
  /** Whether certainly nothing of it has reached the server. */
  readonly isUnsent?: boolean
}

/** What a request without any answer ends with. Errors of this library stay as they are. */
export function explainFailure(error: unknown, { url, deadline, isUnsent }: FailedRequest): AtprotoAuthError {
  if (error instanceof AtprotoAuthError) return error
  const details = { cause: error, endpoint: url.origin + url.pathname, ...(isUnsent && { sent: false }) }
  return deadline?.aborted
    ? new AtprotoAuthError('timeout', `${url.origin} did not answer in time.`, details)
    : new AtprotoAuthError('network_error', `${url.origin} could not be reached.`, details)
}

/** @throws AtprotoAuthError `invalid_response` for what `Response` cannot hold: a protocol switch, or no status at all */
export function checkStatus(status: number): void {
  if (status >= 200 && status <= 599) return
  throw new AtprotoAuthError('invalid_response', `The answer has the impossible status ${status}.`)
}

/** Whether answers of that status have no body, whatever the server sends. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
