/** An error and its causes as a line of a log. */
import { describe, expect, it } from 'vitest'
import { describeError, framesOf } from '../../lib/error-reason.ts'
import { AtprotoAuthError, OAuthCallbackError, OAuthResponseError } from '../../lib/errors.ts'
import { XrpcError } from '../../lib/oauth/resource/xrpc-error.ts'

const endpoint = 'https://pds.example/x'
const systemError = (code: string) => Object.assign(new Error(`connect ${code} 203.0.113.7:443`), { code })

describe('describeError', () => {
  it('names the innermost code of the system, however deep, and says no sentence twice', () => {
    const request = new AtprotoAuthError('network_error', 'https://pds.example could not be reached.', {
      cause: new Error('request failed', { cause: systemError('ECONNREFUSED') }),
      endpoint,
    })
    const error = new AtprotoAuthError('server_unavailable', 'https://pds.example did not answer.', {
      cause: request,
      endpoint,
    })
    expect(describeError(error)).toBe(
      `server_unavailable: https://pds.example did not answer. (endpoint=${endpoint} cause=ECONNREFUSED)`,
    )
  })

  it.each([
    ['ENETUNREACH', 'ETIMEDOUT', 'ETIMEDOUT'],
    ['ETIMEDOUT', 'ENETUNREACH', 'ETIMEDOUT'],
    ['ECONNREFUSED', 'EADDRNOTAVAIL', 'ECONNREFUSED'],
    ['EHOSTUNREACH', 'ENETUNREACH', 'ENETUNREACH'],
    ['ETIMEDOUT', 'ECONNREFUSED', 'ECONNREFUSED'],
  ])('of tries at several addresses that ended with %s and %s, it tells %s', (first, second, told) => {
    const cause = new AggregateError([systemError(first), systemError(second)])
    expect(describeError(new AtprotoAuthError('network_error', 'Down.', { cause }))).toBe(
      `network_error: Down. (cause=${told})`,
    )
  })

  const refused = (address: string) =>
    Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect', address, port: 5432 })
  const unknownHost = Object.assign(new Error('x'), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname: 'db.internal',
  })

  it.each([
    ['it was refused', refused('10.0.0.5'), '10.0.0.5:5432', 'ECONNREFUSED'],
    ['the name does not exist', unknownHost, 'db.internal', 'ENOTFOUND'],
  ])('says what could not be connected to, where nothing else says it: %s', (_, cause, address, code) => {
    const error = new AtprotoAuthError('store_unavailable', 'sessionStore.get of the application threw.', {
      cause: new Error('query failed', { cause }),
    })
    expect(describeError(error)).toBe(
      `store_unavailable: sessionStore.get of the application threw. (address=${address} cause=${code})`,
    )
    const asked = new AtprotoAuthError('network_error', 'No answer.', { cause, endpoint })
    expect(describeError(asked)).not.toContain('address=')
    const told = new AtprotoAuthError('network_error', `No answer from ${address}.`, { cause })
    expect(describeError(told)).not.toContain('address=')
  })

  it('names the code of this library where the system has none, with the sentence that explains it', () => {
    const cause = new AtprotoAuthError('blocked_address', 'x.example is not at a public address.', {
      endpoint,
    })
    expect(describeError(new AtprotoAuthError('server_unavailable', 'No answer.', { cause }))).toBe(
      `server_unavailable: No answer. x.example is not at a public address. (endpoint=${endpoint} cause=blocked_address)`,
    )
  })

  it('calls a request that was given up by the reason for it', () => {
    const aborted = Object.assign(new Error('The operation was aborted'), { code: 'ABORT_ERR' })
    const cause = new AtprotoAuthError('timeout', 'https://pds.example did not answer in time.', {
      cause: aborted,
      endpoint,
    })
    expect(describeError(new AtprotoAuthError('server_unavailable', 'No answer.', { cause }))).toBe(
      `server_unavailable: No answer. (endpoint=${endpoint} cause=timeout)`,
    )
  })

  it('has the status, error and description of a server', () => {
    const cause = new OAuthResponseError('It answered 400.', {
      endpoint,
      status: 400,
      error: 'invalid_scope',
      errorDescription: 'Unsupported scope "x"',
    })
    const params = new URLSearchParams()
    const error = new OAuthCallbackError('authorization_failed', cause.message, { cause, params })
    expect(describeError(error)).toBe(
      `authorization_failed: It answered 400. (endpoint=${endpoint} status=400 cause=oauth_error ` +
        'error=invalid_scope description="Unsupported scope \\"x\\"")',
    )
  })

  it('does not repeat the message of an XRPC call that the sentence quotes', () => {
    const details = { endpoint, status: 500, error: 'Oops', errorMessage: 'It broke' }
    expect(describeError(new XrpcError('a.b.c was answered with 500 (Oops: It broke).', details))).toBe(
      `xrpc_error: a.b.c was answered with 500 (Oops: It broke). (endpoint=${endpoint} status=500 error=Oops)`,
    )
  })

  it('shows of a foreign error below its name only: its message may quote a row or an address with a password', () => {
    class DriverError extends Error {
      override readonly name = 'DriverError'
    }
    const cause = new DriverError('update({ refresh_token: "canary" }) failed')
    const error = new AtprotoAuthError('store_unavailable', 'sessionStore.set of the application threw.', {
      cause,
    })
    expect(describeError(error)).toBe(
      'store_unavailable: sessionStore.set of the application threw. (cause=DriverError)',
    )
  })

  it('takes neither code nor name of a form that codes do not have', () => {
    const odd = Object.assign(new Error('x'), { code: 'E\nforged', name: 'forged line' })
    expect(describeError(new AtprotoAuthError('timeout', 'Late.', { cause: odd }))).toBe('timeout: Late.')
  })

  it('comes to an end with causes that lead in a circle, are many or are no errors', () => {
    const first = new AtprotoAuthError('timeout', 'First.')
    const second = new Error('second', { cause: first })
    first.cause = second
    expect(describeError(first)).toBe('timeout: First. (cause=Error)')
    let deep: unknown = 'bottom'
    for (let at = 0; at < 10_000; at += 1) deep = new Error('x', { cause: deep })
    expect(describeError(deep)).toMatch(/^Error: x \(/)
    expect(
      describeError(new AggregateError(Array.from({ length: 10_000 }, systemError.bind(null, 'E1')))),
    ).toBe('AggregateError (cause=E1)')
    expect([describeError(undefined), describeError('text'), describeError({ message: 'x' })]).toEqual(
      Array(3).fill('unknown error'),
    )
  })

  it('is one line without secrets, whatever an error of the application says', () => {
    const error = new Error(`one\n[next-atproto-auth] forged \u009b31m ref-${'0f'.repeat(32)}`)
    expect(describeError(error)).toBe('Error: one\\u000a[next-atproto-auth] forged \\u009b31m [redacted]')
  })
})

describe('framesOf', () => {
  it('has the stack of an error of the application, without what its message forges', () => {
    const error = new Error('one\n    at forged (/x.js:1:1)\n[next-atproto-auth] forged')
    const frames = framesOf(error)
    expect(frames[0]).toContain('error-reason.test.ts')
    expect(frames.join('\n')).not.toContain('forged')
  })

  it('has none for an error of this library, and for what is no error', () => {
    expect([framesOf(new AtprotoAuthError('timeout', 'x')), framesOf('x')]).toEqual([[], []])
  })
})
