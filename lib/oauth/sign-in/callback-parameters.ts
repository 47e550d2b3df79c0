/** The parameters of the callback URL (RFC 6749 §4.1.2, RFC 9207): read with care, because anyone can write them. */
import { AtprotoAuthError, OAuthCallbackError } from '../../errors.ts'
import { cleanText } from '../../untrusted-text.ts'

const MAX_LENGTH = 4_096
const MAX_ERROR = 128
const MIN_STATE = 16
/** A callback has half a dozen. */
const MAX_SHOWN = 32

/** What the callback URL says. */
export interface CallbackAnswer {
  readonly state: string
  readonly issuer: string
  readonly result: { readonly code: string } | CallbackRefusal
}

/** Why the server refused, in its own words (RFC 6749 §4.1.2.1), cleaned: for logs, not for pages. */
export interface CallbackRefusal {
  readonly error: string
  readonly errorDescription: string | undefined
}

/**
 * Reads a callback URL's parameters, without using them.
 *
 * @throws OAuthCallbackError `invalid_callback` when one is missing, empty, repeated or too long
 */
export function parseCallback(params: URLSearchParams): CallbackAnswer {
  if (new Set(params.keys()).size < params.size) throw invalid(params, 'a parameter is there more than once')
  const read = (name: string): string | undefined => {
    const value = params.get(name)
    if (value !== null && (value === '' || value.length > MAX_LENGTH))
      throw invalid(params, `${name} is malformed`)
    return value ?? undefined
  }
  const [state, issuer, code, error] = [read('state'), read('iss'), read('code'), read('error')]
  if (params.has('response')) throw invalid(params, 'a JARM response was not asked for')
  if (state === undefined) throw invalid(params, 'state is missing')
  if (issuer === undefined) throw invalid(params, 'iss is missing')
  if (code !== undefined && error === undefined) return { state, issuer, result: { code } }
  if (error !== undefined && code === undefined) {
    return { state, issuer, result: refusalOf(error, params.get('error_description') ?? '', state) }
  }
  throw invalid(params, 'either code or error was expected')
}

/** The server may quote the state. A short one is not of this library, and would be found in any text. */
function refusalOf(error: string, description: string, state: string): CallbackRefusal {
  const secrets = secretsOf([state])
  return {
    error: cleanText(error, { secrets, maxLength: MAX_ERROR }) ?? '',
    errorDescription: cleanText(description, { secrets }),
  }
}

function secretsOf(values: readonly (string | null)[]): readonly string[] {
  return values.flatMap((value) => (value !== null && value.length >= MIN_STATE ? [value] : []))
}

/** The first parameters, as an error may carry them: whatever stands in them can be printed. */
export function shownParams(params: URLSearchParams): URLSearchParams {
  const secrets = secretsOf([params.get('state'), params.get('code'), params.get('response')])
  const shown = (text: string) => cleanText(text, { secrets, maxLength: MAX_LENGTH }) ?? ''
  return new URLSearchParams(
    [...params].slice(0, MAX_SHOWN).map(([name, value]) => [shown(name), shown(value)]),
  )
}

/**
 * The code of an answer from the issuer that the sign-in began with.
 *
 * @throws AtprotoAuthError `issuer_mismatch`, `access_denied`, `authorization_failed`
 */
export function codeOf({ issuer, result }: CallbackAnswer, expected: string): string {
  if (issuer !== expected) {
    const message = `The answer does not come from ${expected}, where the sign-in began.`
    throw new AtprotoAuthError('issuer_mismatch', message)
  }
  if ('code' in result) return result.code
  const code = result.error === 'access_denied' ? 'access_denied' : 'authorization_failed'
  throw new AtprotoAuthError(code, `${issuer} ended the sign-in with an error.`, { issuer })
}

function invalid(params: URLSearchParams, problem: string): OAuthCallbackError {
  return new OAuthCallbackError('invalid_callback', `The callback URL is malformed: ${problem}.`, {
    params: shownParams(params),
  })
}
