/** What a visitor is told when a sign-in fails: a code for the URL and a sentence for the page, never a server's own text. */
import { AtprotoAuthError, type ErrorCode } from '../errors.ts'

const messages = {
  invalid_identifier: 'That is not a handle. It looks like alice.bsky.social; a DID works too.',
  identity_not_found: 'No account was found under that name. Check the spelling and try again.',
  server_unavailable:
    'The server of that account does not answer at the moment. Try again in a little while.',
  server_not_conforming: 'The server of that account does not support this kind of sign-in.',
  access_denied: 'Sign-in was cancelled. Nothing was shared.',
  account_mismatch:
    'Another account came back than the one you named. Sign in again with the account you want.',
  scope_missing:
    'That page needs a permission that was not given. Sign in again and allow it, or go on without.',
  sign_in_refused: 'This site does not let that account in.',
  state_mismatch: 'This sign-in was started in another browser. Start again here.',
  state_unknown: 'This sign-in has expired or was already used. Start again.',
  too_many_attempts: 'Sign-in was tried too often. Wait a little, then try again.',
  sign_in_failed: 'Sign-in did not work. Try again.',
} as const

/** The codes that the sign-in page gets as `?error=`. */
export type SignInErrorCode = keyof typeof messages

/**
 * A sentence for the sign-in page's `?error=` code, in English; undefined for any other text. Render your own
 * words or translations by the code if you prefer.
 */
export function signInErrorMessage(code: string): string | undefined {
  return isSignInErrorCode(code) ? messages[code] : undefined
}

/**
 * The code that may be shown for an error. A refused address, a closed port and an unknown name all look the
 * same, so that the form is no scanner of private networks.
 */
export function toSignInErrorCode(error: unknown): SignInErrorCode {
  if (!(error instanceof AtprotoAuthError)) return 'sign_in_failed'
  if (isSignInErrorCode(error.code)) return error.code
  return alike[error.code] ?? 'sign_in_failed'
}

const alike: { readonly [code in ErrorCode]?: SignInErrorCode } = {
  blocked_address: 'server_unavailable',
  network_error: 'server_unavailable',
  timeout: 'server_unavailable',
}

function isSignInErrorCode(code: string): code is SignInErrorCode {
  return Object.hasOwn(messages, code)
}
