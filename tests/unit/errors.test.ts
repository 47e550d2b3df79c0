import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import {
  AtprotoAuthError,
  ConfigurationError,
  type ErrorCode,
  OAuthCallbackError,
  OAuthResponseError,
  StoreUnavailableError,
  TokenInvalidError,
  TokenRefreshError,
  TokenRevokedError,
} from '../../lib/errors.ts'

describe('AtprotoAuthError', () => {
  const later: readonly ErrorCode[] = [
    'server_unavailable',
    'refresh_failed',
    'retry_needed',
    'rate_limited',
    'too_many_attempts',
    'network_error',
    'timeout',
    'store_unavailable',
  ]
  it.each(later)('calls %s retryable', (code) => {
    expect(new AtprotoAuthError(code, 'x').retryable).toBe(true)
  })

  const final: readonly ErrorCode[] = ['session_ended', 'configuration', 'access_denied', 'blocked_address']
  it.each(final)('calls %s final', (code) => {
    expect(new AtprotoAuthError(code, 'x').retryable).toBe(false)
  })

  it('keeps the cause and the safe details', () => {
    const cause = new Error('below')
    const error = new AtprotoAuthError('timeout', 'x', { cause, issuer: 'https://as.host.dev', status: 504 })
    expect(error).toMatchObject({ cause, issuer: 'https://as.host.dev', status: 504, did: undefined })
  })

  it('has no cause property when nothing lies below', () => {
    expect(Object.hasOwn(new AtprotoAuthError('timeout', 'x'), 'cause')).toBe(false)
  })
})

describe('the named errors', () => {
  it('carry the code of their kind', () => {
    const codes = [
      new StoreUnavailableError('x'),
      new ConfigurationError('x'),
      new TokenRefreshError('did:plc:x', 'x'),
      new TokenRevokedError('did:plc:x', 'x'),
      new TokenInvalidError('did:plc:x', 'x'),
      new OAuthResponseError('x', { error: 'invalid_grant' }),
    ].map((error) => [error.name, error.code])
    expect(codes).toEqual([
      ['StoreUnavailableError', 'store_unavailable'],
      ['ConfigurationError', 'configuration'],
      ['TokenRefreshError', 'refresh_failed'],
      ['TokenRevokedError', 'session_ended'],
      ['TokenInvalidError', 'token_rejected'],
      ['OAuthResponseError', 'oauth_error'],
    ])
  })

  it('name the account as sub and as did', () => {
    expect(new TokenRevokedError('did:plc:x', 'x')).toMatchObject({ sub: 'did:plc:x', did: 'did:plc:x' })
  })
})

describe('OAuthCallbackError', () => {
  it('CB-7 shows neither code, state nor response when it is logged', () => {
    const params = new URLSearchParams(
      'code=canary-1&state=canary-2&response=canary-3&iss=https://as.host.dev',
    )
    const error = new OAuthCallbackError('access_denied', 'x', { params })
    expect(inspect(error) + error.params).not.toContain('canary')
    expect(error.params.get('iss')).toBe('https://as.host.dev')
  })

  it('redacts every copy of a doubled parameter', () => {
    const params = new URLSearchParams('code=canary-1&code=canary-2')
    expect(`${new OAuthCallbackError('invalid_callback', 'x', { params }).params}`).not.toContain('canary')
  })

  it('leaves the caller’s own parameters as they are', () => {
    const params = new URLSearchParams('code=abc')
    new OAuthCallbackError('access_denied', 'x', { params })
    expect(params.get('code')).toBe('abc')
  })
})

describe('an error of another bundle’s copy of the module', () => {
  it('is an instance of the class of its name and of the base, and of no other', async () => {
    // Next makes a module anew for each page and route bundle; so does the test runner here.
    vi.resetModules()
    const copy = await import('../../lib/errors.ts')
    const error = new copy.StoreUnavailableError('down')
    expect(copy.StoreUnavailableError).not.toBe(StoreUnavailableError)
    expect([error instanceof StoreUnavailableError, error instanceof AtprotoAuthError]).toEqual([true, true])
    expect(error instanceof ConfigurationError).toBe(false)
  })

  it('is not imitated by an object of that name', () => {
    expect(
      { name: 'StoreUnavailableError', code: 'store_unavailable' } instanceof StoreUnavailableError,
    ).toBe(false)
  })

  it('leaves classes that an application derives as they are', () => {
    class Own extends StoreUnavailableError {}
    expect(new Own('x') instanceof Own).toBe(true)
    expect(new StoreUnavailableError('x') instanceof Own).toBe(false)
  })
})
