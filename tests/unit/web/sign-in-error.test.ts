import { describe, expect, it } from 'vitest'
import {
  AtprotoAuthError,
  InvalidIdentifierError,
  OAuthCallbackError,
  OAuthResolverError,
  OAuthResponseError,
} from '../../../lib/errors.ts'
import { connectErrorMessage, signInErrorMessage, toSignInErrorCode } from '../../../lib/web/sign-in-error.ts'

describe('toSignInErrorCode', () => {
  const shown = [
    'invalid_identifier',
    'identity_not_found',
    'server_unavailable',
    'server_not_conforming',
    'access_denied',
    'account_mismatch',
    'user_mismatch',
    'connect_refused',
    'connect_failed',
    'state_mismatch',
    'state_unknown',
    'too_many_attempts',
    'configuration',
    'store_unavailable',
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
    'oauth_error',
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

  it.each([
    ['server_refused', 'invalid_client_metadata', 400],
    ['server_refused', 'invalid_scope', 400],
    ['server_refused', 'invalid_client', 401],
    ['server_refused', 'anything else', 400],
    ['server_refused', undefined, 403],
    ['sign_in_failed', 'invalid_grant', 400],
    ['sign_in_failed', 'use_dpop_nonce', 400],
    ['sign_in_failed', undefined, undefined],
    ['server_refused', undefined, 302],
    ['server_unavailable', undefined, 408],
    ['server_unavailable', undefined, 425],
    ['server_unavailable', undefined, 429],
    ['server_unavailable', undefined, 503],
    ['server_unavailable', 'temporarily_unavailable', 400],
  ] as const)('shows %s when a request was answered with %s and %s', (code, error, status) => {
    const details = { error, ...(status !== undefined && { status }) }
    expect(toSignInErrorCode(new OAuthResponseError('x', details))).toBe(code)
    const params = new URLSearchParams()
    const atCallback = new OAuthCallbackError('authorization_failed', 'x', { ...details, params })
    expect(toSignInErrorCode(atCallback)).toBe(code)
  })

  it.each([
    ['server_refused', 'invalid_scope'],
    ['server_refused', 'unauthorized_client'],
    ['server_unavailable', 'server_error'],
    ['server_unavailable', 'temporarily_unavailable'],
    ['sign_in_failed', 'login_required'],
    ['sign_in_failed', '<script>'],
  ] as const)('shows %s when the browser came back with %s', (code, error) => {
    const params = new URLSearchParams()
    const refusal = new OAuthCallbackError('authorization_failed', 'x', { params, error })
    expect(toSignInErrorCode(refusal)).toBe(code)
  })

  it.each(['token_response_invalid', 'invalid_response', 'response_too_large'] as const)(
    'blames the server for an answer that no other try makes better: %s',
    (code) => {
      expect(toSignInErrorCode(new AtprotoAuthError(code, 'x'))).toBe('server_not_conforming')
    },
  )

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
  it.each(['access_denied', 'server_refused', 'server_not_conforming', 'configuration', 'sign_in_refused'])(
    'asks nobody to try again what cannot help: %s',
    (code) => {
      expect(signInErrorMessage(code)).not.toMatch(/again|later/i)
    },
  )

  it.each(['', 'x', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '<script>alert(1)</script>'])(
    'has no sentence for %j',
    (code) => {
      expect(signInErrorMessage(code)).toBeUndefined()
    },
  )
})

describe('connectErrorMessage', () => {
  const codes = [
    ...[
      'invalid_identifier',
      'identity_not_found',
      'server_unavailable',
      'server_not_conforming',
      'server_refused',
    ],
    ...['access_denied', 'account_mismatch', 'user_mismatch', 'connect_refused', 'connect_failed'],
    ...['state_mismatch', 'state_unknown', 'host_changed', 'too_many_attempts', 'configuration'],
    ...['store_unavailable', 'sign_in_failed'],
  ]
  it.each(codes)('says of %s nothing that reads as if the sign-in of the user had failed', (code) => {
    expect(connectErrorMessage(code)).toMatch(/\.$/)
    expect(connectErrorMessage(code)).not.toMatch(/sign-in|signed in with/i)
  })

  it.each(['connect_failed', 'store_unavailable'])('asks to try again what may help: %s', (code) => {
    expect(connectErrorMessage(code)).toContain('Try again')
  })

  it('does not ask to try a refusal again', () => {
    expect(connectErrorMessage('connect_refused')).not.toMatch(/again|later/i)
  })

  it.each(['', 'x', 'constructor', '__proto__', '<script>'])('has no sentence for %j', (code) => {
    expect(connectErrorMessage(code)).toBeUndefined()
  })
})
