/**
 * What a visitor sees when a sign-in fails: a code in the URL and a sentence on the page, never text that another
 * server sent.
 */
import { AtprotoAuthError, type ErrorCode, InvalidIdentifierError } from '../errors.ts'

const messages = {
  invalid_identifier: 'That is not a handle. A handle looks like alice.bsky.social. A DID works too.',
  identifier_is_email:
    'That is an e-mail address. Enter your handle, which looks like alice.bsky.social. A DID works too.',
  identifier_is_web_address:
    'That is the address of a web page or server. Enter your handle alone: it looks like alice.bsky.social.',
  identifier_in_other_letters:
    'A handle has only the letters a to z, digits and hyphens. If yours is written in other letters, enter its form that begins with xn--.',
  identity_not_found: 'No account was found under that name. Check the spelling and try again.',
  server_unavailable: 'The server of that account is not responding. Try again in a few minutes.',
  server_not_conforming: 'The server of that account does not support this kind of sign-in.',
  access_denied: 'Sign-in was cancelled. Nothing was shared.',
  account_mismatch:
    'You signed in with a different account from the one you entered. Sign in again with the account you want.',
  scope_missing:
    'That page needs a permission that you did not grant. Sign in again and grant it, or continue without it.',
  sign_in_refused: 'This site does not allow that account to sign in.',
  state_mismatch: 'This sign-in was started in another browser. Start again here.',
  state_unknown: 'This sign-in has expired or was already used. Start again.',
  too_many_attempts: 'There were too many sign-in attempts. Wait a few minutes, then try again.',
  sign_in_failed: 'Sign-in failed. Try again.',
} as const

/** The codes that the sign-in page can get as `?error=`. */
export type SignInErrorCode = keyof typeof messages

/**
 * An English sentence for the sign-in page's `?error=` code; undefined for any other text. For your own wording or
 * other languages, use the code.
 */
export function signInErrorMessage(code: string): string | undefined {
  return isSignInErrorCode(code) ? messages[code] : undefined
}

/**
 * The code to show for an error; `sign_in_failed` for all that visitors need no details of. A blocked address, a closed
 * port and a slow server get the same code, so that the form cannot be used to probe a private network.
 */
export function toSignInErrorCode(error: unknown): SignInErrorCode {
  if (!(error instanceof AtprotoAuthError)) return 'sign_in_failed'
  if (error instanceof InvalidIdentifierError && error.looksLike) return misreadings[error.looksLike]
  if (isSignInErrorCode(error.code)) return error.code
  return shownAs[error.code] ?? 'sign_in_failed'
}

const misreadings: {
  readonly [kind in NonNullable<InvalidIdentifierError['looksLike']>]: SignInErrorCode
} = {
  email: 'identifier_is_email',
  web_address: 'identifier_is_web_address',
  other_letters: 'identifier_in_other_letters',
}

const shownAs: { readonly [code in ErrorCode]?: SignInErrorCode } = {
  blocked_address: 'server_unavailable',
  network_error: 'server_unavailable',
  timeout: 'server_unavailable',
}

function isSignInErrorCode(code: string): code is SignInErrorCode {
  return Object.hasOwn(messages, code)
}
