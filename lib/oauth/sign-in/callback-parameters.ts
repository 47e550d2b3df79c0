/** The parameters of the callback URL (RFC 6749 §4.1.2, RFC 9207): read with care, because anyone can write them. */
import { AtprotoAuthError, OAuthCallbackError } from '../../errors.ts'

/** What the callback URL says. */
export interface CallbackAnswer {
  readonly state: string
  readonly issuer: string
  readonly result: { readonly code: string } | { readonly error: string }
}

/**
 * Reads a callback URL's parameters, without using them.
 *
 * @throws OAuthCallbackError `invalid_callback` when one is missing, empty, repeated or too long
 */
export function parseCallback(params: URLSearchParams): CallbackAnswer {
  for (const name of params.keys()) {
    if (params.getAll(name).length > 1) throw invalid(params, 'a parameter is there more than once')
  }
  const read = (name: string): string | undefined => {
    const value = params.get(name)
    if (value !== null && (value === '' || value.length > 4_096))
      throw invalid(params, `${name} is malformed`)
    return value ?? undefined
  }
  const [state, issuer, code, error] = [read('state'), read('iss'), read('code'), read('error')]
  if (params.has('response')) throw invalid(params, 'a JARM response was not asked for')
  if (state === undefined) throw invalid(params, 'state is missing')
  if (issuer === undefined) throw invalid(params, 'iss is missing')
  if (code !== undefined && error === undefined) return { state, issuer, result: { code } }
  if (error !== undefined && code === undefined) return { state, issuer, result: { error } }
  throw invalid(params, 'either code or error was expected')
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
  return new OAuthCallbackError('invalid_callback', `The callback URL is malformed: ${problem}.`, { params })
}
