import { describe, expect, it } from 'vitest'
import {
  AtprotoAuthError,
  InvalidIdentifierError,
  OAuthCallbackError,
  OAuthResolverError,
} from '../../../lib/errors.ts'
import { signInErrorMessage, toSignInErrorCode } from '../../../lib/web/sign-in-error.ts'

describe('toSignInErrorCode', () => {
  const shown = [
    'invalid_identifier',
    'identity_not_found',
    'server_unavailable',
    'server_not_conforming',
    'access_denied',
    'account_mismatch',
    'state_mismatch',
    'state_unknown',
    'too_many_attempts',
  ] as const
  it.each(shown)('shows %s as it is, with a sentence', (code) => {
    expect(toSignInErrorCode(new OAuthResolverError(code, 'x'))).toBe(code)
    expect(signInErrorMessage(code)).toMatch(/\.$/)
  })

  it.each([
    ['email', 'identifier_is_email'],
    ['web_address', 'identifier_is_web_address'],
    ['other_letters', 'identifier_in_other_letters'],
    [undefined, 'invalid_identifier'],
  ] as const)('says of a text that looks like %s: %s', (looksLike, code) => {
    expect(toSignInErrorCode(new InvalidIdentifierError('x', looksLike))).toBe(code)
    expect(signInErrorMessage(code)).toMatch(/\.$/)
  })

  const hidden = [
    'invalid_callback',
    'issuer_mismatch',
    'authorization_failed',
    'token_response_invalid',
    'oauth_error',
    'response_too_large',
    'invalid_response',
    'store_unavailable',
    'configuration',
    'request_refused',
  ] as const
  it.each(hidden)('says no more of %s than that sign-in failed', (code) => {
    expect(toSignInErrorCode(new AtprotoAuthError(code, 'x'))).toBe('sign_in_failed')
  })

  it.each(['network_error', 'timeout'] as const)('calls %s an unavailable server', (code) => {
    expect(toSignInErrorCode(new AtprotoAuthError(code, 'x'))).toBe('server_unavailable')
  })

  it('says the same of a refused address, a closed port and a slow one: no port scanner', () => {
    const codes = (['blocked_address', 'network_error', 'timeout'] as const).map((code) =>
      toSignInErrorCode(new AtprotoAuthError(code, 'x')),
    )
    expect(new Set(codes).size).toBe(1)
  })

  it('reads the code of a refused callback', () => {
    const params = new URLSearchParams()
    expect(toSignInErrorCode(new OAuthCallbackError('access_denied', 'x', { params }))).toBe('access_denied')
  })

  it.each([new Error('canary'), 'canary', undefined, { code: 'access_denied' }])(
    'says no more of %o, which is not ours, than that sign-in failed',
    (error) => {
      expect(toSignInErrorCode(error)).toBe('sign_in_failed')
    },
  )
})

describe('signInErrorMessage', () => {
  it.each(['', 'x', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '<script>alert(1)</script>'])(
    'has no sentence for %j',
    (code) => {
      expect(signInErrorMessage(code)).toBeUndefined()
    },
  )
})
