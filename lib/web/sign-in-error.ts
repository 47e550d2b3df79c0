/**
 * What a visitor sees when a sign-in fails: a code in the URL and a sentence on the page, never text that another
 * server sent.
 */
import {
  AtprotoAuthError,
  type ErrorCode,
  InvalidIdentifierError,
  OAuthCallbackError,
  OAuthResponseError,
} from '../errors.ts'

const messages = {
  invalid_identifier: 'That is not a handle. A handle looks like alice.bsky.social. A DID works too.',
  identifier_is_email:
    'That is an e-mail address. Enter your handle, which looks like alice.bsky.social. A DID works too.',
  identifier_is_web_address:
    'That is the address of a web page or server. Enter your handle alone: it looks like alice.bsky.social.',
  identifier_in_other_letters:
    'A handle has only the letters a to z, digits, hyphens and dots. If yours is written in other letters, enter the form that begins with xn--.',
  identity_not_found: 'No account was found under that name. Check the spelling and try again.',
  server_unavailable: 'The server of that account is not responding. Try again in a few minutes.',
  server_not_conforming:
    'The server of that account does not support this kind of sign-in. An account on another server may work.',
  server_refused:
    'The server of that account refused the request of this site. The people who run this site can find the reason in its log.',
  access_denied:
    'The sign-in was not completed: it was cancelled, or the server of that account refused it. Nothing was shared.',
  account_mismatch:
    'You signed in with a different account from the one you entered. Sign in again with the account you want.',
  scope_missing:
    'That page needs a permission that you did not grant. Sign in again and grant it, or continue without it.',
  sign_in_refused: 'This site did not let that account sign in. The people who run this site can say why.',
  user_mismatch:
    'The account was not connected: you are signed in as a different user here, or not at all. Sign in and try again.',
  connect_refused:
    'The account was not connected: this site did not accept it. The people who run this site can say why.',
  connect_failed:
    'The account was not connected, because something went wrong on this site. Try again in a few minutes.',
  state_mismatch:
    'This sign-in was already finished, took too long, or belongs to another browser. Start again here.',
  state_unknown: 'This sign-in has expired or was already used. Start again.',
  host_changed:
    'You came from another address of this site, and sign-in works only at this one. Press the button once more.',
  too_many_attempts: 'There were too many sign-in attempts. Wait a few minutes, then try again.',
  configuration:
    'Sign-in is not set up correctly on this site. The people who run it can find the reason in its log.',
  store_unavailable: 'Sign-in is temporarily unavailable. Try again in a moment.',
  sign_in_failed: 'Sign-in failed. Try again.',
} as const

/** What is said otherwise to someone who is signed in to the application and connects an account. */
const connectMessages: { readonly [code in SignInErrorCode]?: string } = {
  server_not_conforming:
    'The server of that account does not support this kind of connection. An account on another server may work.',
  access_denied:
    'The account was not connected: it was cancelled, or the server of that account refused it. Nothing was shared.',
  account_mismatch:
    'The account was not connected: you chose a different one from the one you entered. Connect again with the account you want.',
  state_mismatch:
    'This connection was already finished, took too long, or belongs to another browser. If the account is missing here, connect it again.',
  state_unknown:
    'This connection has expired or was already used. If the account is missing here, connect it again.',
  host_changed:
    'You came from another address of this site, and accounts are connected only at this one. Sign in here if you are not, and press the button once more.',
  too_many_attempts: 'There were too many attempts. Wait a few minutes, then try again.',
  configuration:
    'Connecting accounts is not set up correctly on this site. The people who run it can find the reason in its log.',
  store_unavailable: 'Accounts cannot be connected right now. Try again in a moment.',
  sign_in_failed: 'The account was not connected. Try again.',
}

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
 * An English sentence for the `?error=` code of a page on which users of your application connect accounts
 * (`auth.connect`); undefined for any other text. It never says that their sign-in failed, as `signInErrorMessage` would.
 */
export function connectErrorMessage(code: string): string | undefined {
  return isSignInErrorCode(code) ? (connectMessages[code] ?? messages[code]) : undefined
}

/**
 * The code to show for an error; `sign_in_failed` for all that visitors need no details of. A blocked address, a closed
 * port and a slow server get the same code, so that the form cannot be used to probe a private network.
 */
export function toSignInErrorCode(error: unknown): SignInErrorCode {
  if (!(error instanceof AtprotoAuthError)) return 'sign_in_failed'
  if (error instanceof InvalidIdentifierError && error.looksLike) return misreadings[error.looksLike]
  if (isSignInErrorCode(error.code)) return error.code
  if (error instanceof OAuthResponseError || error instanceof OAuthCallbackError)
    return codeOfRefusal(error) ?? shownAs[error.code] ?? 'sign_in_failed'
  return shownAs[error.code] ?? 'sign_in_failed'
}

const misreadings: {
  readonly [kind in NonNullable<InvalidIdentifierError['looksLike']>]: SignInErrorCode
} = {
  email: 'identifier_is_email',
  web_address: 'identifier_is_web_address',
  other_letters: 'identifier_in_other_letters',
}

/** What the server said decides whether another try may help; undefined when it said nothing that is known. */
function codeOfRefusal({
  error = '',
  status = 0,
}: OAuthResponseError | OAuthCallbackError): SignInErrorCode | undefined {
  if (forNow.has(error) || isForNow(status)) return 'server_unavailable'
  if (another.has(error)) return 'sign_in_failed'
  return refusals.has(error) || status >= 300 ? 'server_refused' : undefined
}

/** 408: the request took too long to arrive; 425: it came too early. */
function isForNow(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status)
}

/** Errors of RFC 6749 §4.1.2.1 that pass. */
const forNow: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable'])
/** Errors that another sign-in does not repeat: the code was too old or used, or the nonce had just changed. */
const another: ReadonlySet<string> = new Set(['invalid_grant', 'use_dpop_nonce'])
/** Errors about the application, in the redirect (RFC 6749 §4.1.2.1, RFC 9101 §7): they stay until it is changed. */
const refusals: ReadonlySet<string> = new Set([
  'invalid_request',
  'unauthorized_client',
  'unsupported_response_type',
  'invalid_scope',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_redirect_uri',
])

const shownAs: { readonly [code in ErrorCode]?: SignInErrorCode } = {
  blocked_address: 'server_unavailable',
  network_error: 'server_unavailable',
  timeout: 'server_unavailable',
  token_response_invalid: 'server_not_conforming',
  invalid_response: 'server_not_conforming',
  response_too_large: 'server_not_conforming',
}

/** Whether the code is about what was typed, so that the field of the form is wrong. */
export function isIdentifierError(code = ''): boolean {
  return /^(invalid_identifier|identity_not_found|identifier_.*)$/.test(code) && isSignInErrorCode(code)
}

function isSignInErrorCode(code: string): code is SignInErrorCode {
  return Object.hasOwn(messages, code)
}
