/** A time limit for one call, together with the caller's signal. */
import { AtprotoAuthError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'

/** A timer of Node's takes no more (`setTimeout`): a longer one fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

export interface CallLimits {
  /** The caller's. */
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number | undefined
  /** What is called, for the error. */
  readonly nsid: string
  readonly endpoint: string
  readonly did: Did
}

/**
 * The result of work that ends early when the caller's signal aborts, with that signal's reason, or when the time is over.
 *
 * @param work gets the signal to pass on; it has to reject with the signal's reason
 * @throws AtprotoAuthError `timeout` after `timeoutMs`; TypeError when `timeoutMs` is not a number that a timer takes
 */
export async function withDeadline<T>(
  { signal, timeoutMs, nsid, endpoint, did }: CallLimits,
  work: (signal: AbortSignal | null) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(signal ?? null)
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
    throw new TypeError('A positive whole number of milliseconds was expected as timeoutMs.')
  }
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    return await work(AbortSignal.any(signal ? [signal, deadline] : [deadline]))
  } catch (error) {
    if (!deadline.aborted || error !== deadline.reason) throw error
    throw new AtprotoAuthError('timeout', `${nsid} was not answered completely within ${timeoutMs} ms.`, {
      did,
      endpoint,
      cause: error,
    })
  }
}
