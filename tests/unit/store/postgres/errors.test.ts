import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigurationError, StoreUnavailableError } from '../../../../lib/errors.ts'
import {
  describeFailure,
  isConnectionLost,
  sqlState,
  wasUndone,
} from '../../../../lib/store/postgres/errors.ts'

const withCode = (code: string, message = 'canary') => Object.assign(new Error(message), { code })
const failureOf = (error: unknown) => describeFailure(error, 'operation')

describe('an error of PostgreSQL', () => {
  it.each([
    ['25006', 'read-only replica'],
    ['28P01', 'refused the user or the password'],
    ['28000', 'does not let this user in'],
    ['23502', 'of a newer release'],
    ['42804', 'not the one of this release (42804)'],
    ['57P01', 'shutting down'],
    ['53100', 'Make room'],
    ['25P02', 'pass a pool, and no client'],
    ['42501', 'SELECT, INSERT, UPDATE and DELETE'],
    ['42501', 'row-level security'],
    ['42P01', 'schema postgres'],
    ['42703', 'schema postgres'],
    ['53300', 'no more connections'],
    ['53200', 'out of memory'],
    ['57014', 'cancelled'],
    ['40001', 'other transactions'],
    ['08006', 'connection to it was lost'],
    ['08P01', 'the log of the pooler has the reason'],
    ['XX000', 'it answered XX000'],
  ])('%s says: %s', (code, words) => {
    const error = failureOf(withCode(code))
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(error.message).toContain(words)
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
  })

  it.each([
    ['ETIMEDOUT', 'it cannot be reached (ETIMEDOUT). Check the network'],
    ['EHOSTUNREACH', 'it cannot be reached (EHOSTUNREACH). Check the network'],
    ['EAI_AGAIN', 'it cannot be reached (EAI_AGAIN). Check the DNS'],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'its certificate is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT). Name its',
    ],
    ['CERT_HAS_EXPIRED', 'its certificate is not accepted (CERT_HAS_EXPIRED). Name its'],
  ])('of a connection, %s, says: %s', (code, words) => {
    const error = failureOf(withCode(code))
    expect(error.message).toContain(words)
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
  })

  it('without a code says that the connection was lost', () => {
    const { message } = failureOf(new Error('Connection terminated unexpectedly'))
    expect(message).toMatch(/failed: the connection was lost\. Try again/)
  })

  it.each([
    ['Cannot use a pool after calling end on the pool', 'the pool was ended'],
    ['PGlite is closed', 'the pool was ended'],
    ['Client was closed and is not queryable', 'Pass a pool'],
    ['Client has encountered a connection error and is not queryable', 'Pass a pool'],
  ])('without a code, of a pool or client that is over for good, says so: %s', (message, words) => {
    expect(failureOf(new Error(message)).message).toContain(words)
  })

  it('of postgres.js, which was ended, says so', () => {
    expect(failureOf(withCode('CONNECTION_ENDED')).message).toContain('where end() is called on the pool')
  })

  it('is found in what wraps it, and in the attempts at several addresses', () => {
    expect(sqlState(new Error('Failed query', { cause: withCode('42P01') }))).toBe('42P01')
    const attempts = new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')])
    expect(failureOf(attempts).message).toContain('it cannot be reached (ECONNREFUSED)')
  })

  it('of this library stays what it is', () => {
    const error = new ConfigurationError('The package pg is not installed.')
    expect(failureOf(error)).toBe(error)
    expect(isConnectionLost(error)).toBe(false)
  })

  it.each(['Query read timeout', 'timeout exceeded when trying to connect', 'timeout expired'])(
    'that is a time limit of pg is no lost connection: the statement may be waiting still (%s)',
    (message) => {
      expect(isConnectionLost(new Error(message))).toBe(false)
      expect(failureOf(new Error(message)).message).toContain('no answer in time')
    },
  )

  it('that lacks a right names the table as it is configured', () => {
    const failure = describeFailure(withCode('42501'), 'operation', { table: '"auth"."people"' })
    expect(failure.message).toBe(
      'PostgreSQL, the session store, refused the operation: the role lacks a right. It needs SELECT, INSERT, UPDATE and ' +
        'DELETE on the table "auth"."people" and USAGE on its schema, and with row-level security a policy for all rows.',
    )
  })

  it('that needs a right to make the table says so, where the table was to be made', () => {
    expect(describeFailure(withCode('42501'), 'schema').message).toContain('needs CREATE and USAGE')
  })
})

describe('a statement is sent again', () => {
  it.each(['57P01', '57P02', '57P03', '08006', '08P01', 'ECONNRESET', 'EPIPE', 'CONNECTION_CLOSED'])(
    'after a lost connection (%s)',
    (code) => expect([isConnectionLost(withCode(code)), wasUndone(withCode(code))]).toEqual([true, false]),
  )

  it.each(['40001', '40P01'])('when the server undid it (%s)', (code) => {
    expect([isConnectionLost(withCode(code)), wasUndone(withCode(code))]).toEqual([false, true])
  })

  it.each(['23505', '42P01', '42501', '53300', '57014', '55P03', '25006'])(
    'not when it was refused (%s)',
    (code) => {
      expect([isConnectionLost(withCode(code)), wasUndone(withCode(code))]).toEqual([false, false])
    },
  )
})

it('a code that is none, as a driver may take it from elsewhere, is not passed on', () => {
  const error = failureOf(withCode('postgres://user:canary@host/db'))
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
})
