/** What happens when a sign-in fails: the log gets the cause, the sign-in page a code, and both the same reference. */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import { type SignInErrorCode, toSignInErrorCode } from '../../web/sign-in-error.ts'
import type { Activity, Log } from '../events/log.ts'

/** What the sign-in page is told. */
export interface ShownFailure {
  readonly error: SignInErrorCode
  /** Given whether or not the line is written: its absence would tell which failures are of one kind. */
  readonly errorReference: string | undefined
}

type SignInActivity = Extract<Activity, 'sign_in' | 'callback' | 'connect' | 'connect_callback'>

/**
 * Logs the failure and returns what the sign-in page is told.
 *
 * @throws the error itself when the store failed: the same request may succeed later
 */
export function logSignInFailure(
  activity: SignInActivity,
  error: unknown,
  config: { readonly log: Log },
): ShownFailure {
  if (isStoreFailure(error)) throw error
  return logAnyFailure(activity, error, config)
}

/** The same for a server action, which has no page of its own for a store that failed. */
export function logAnyFailure(
  activity: SignInActivity,
  error: unknown,
  { log }: { readonly log: Log },
): ShownFailure {
  log.failure(activity, error)
  return { error: toSignInErrorCode(error), errorReference: log.reference }
}

/** By the code: in a callback, a StoreUnavailableError is the cause of an OAuthCallbackError with the same code. */
export function isStoreFailure(error: unknown): error is AtprotoAuthError {
  return error instanceof AtprotoAuthError && error.code === 'store_unavailable'
}
