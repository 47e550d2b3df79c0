/** What happens when a sign-in fails: the log gets the cause, the sign-in page a code. */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import { type SignInErrorCode, toSignInErrorCode } from '../../web/sign-in-error.ts'
import type { Log } from '../events/log.ts'

/**
 * Logs the failure and returns the code for the sign-in page.
 *
 * @throws the error itself when the store failed: the same request may succeed later
 */
export function logSignInFailure(
  activity: 'sign_in' | 'callback',
  error: unknown,
  { log }: { readonly log: Log },
): SignInErrorCode {
  if (isStoreFailure(error)) throw error
  log.failure(activity, error)
  return toSignInErrorCode(error)
}

/** By the code: in a callback, a StoreUnavailableError is the cause of an OAuthCallbackError with the same code. */
export function isStoreFailure(error: unknown): error is AtprotoAuthError {
  return error instanceof AtprotoAuthError && error.code === 'store_unavailable'
}
