/**
 * What a failure of PostgreSQL means, in words that contain no credentials, keys or values: the server's own words, and
 * the details of its errors, may quote them.
 */
import { ConfigurationError, StoreUnavailableError } from '../../errors.ts'
import { isNoAnswer } from '../time-limit.ts'

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or by its class. */
const reasons: Readonly<Record<string, string>> = {
  '25006': 'it is a read-only replica; connect to the primary',
  '28': 'it refused the user or the password',
  '3D000': 'that database does not exist',
  '3F000': 'that schema does not exist',
  '42501':
    'the role lacks a right; it needs SELECT, INSERT, UPDATE and DELETE on the table and USAGE on its schema',
  '42703': 'the table lacks a column: it is of an older release, or of another program',
  '42P01': 'the table does not exist',
  '42P07': 'a table of that name exists that is none of this package; choose another name with `table`',
  '53100': 'its disk is full',
  '53300': 'it accepts no more connections',
  '53': 'it is out of memory or disk space',
  '55P03': 'a row was locked for too long',
  '57014': 'it cancelled the statement',
  '57P01': 'it is shutting down',
  '57P02': 'it has crashed',
  '57P03': 'it is starting or stopping',
  '40': 'other transactions were in the way',
}

/** For these, the application has to make or change the table. */
const needsSchema: ReadonlySet<string> = new Set(['42P01', '42703', '3F000'])

/** SQLSTATE of an error, or of what caused it; undefined when the server did not refuse, but the connection failed. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error)
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) ? code : undefined
}

/** Whether the connection was lost, so that it is not known whether the statement was executed. */
export function isConnectionLost(error: unknown): boolean {
  if (isNoAnswer(error)) return false
  const state = sqlState(error)
  return state === undefined || /^(08|57P0)/.test(state)
}

/** Whether the server undid the statement because of others at the same time, so that it may be sent again. */
export function wasUndone(error: unknown): boolean {
  return sqlState(error)?.startsWith('40') ?? false
}

/** Converts the error of a statement. Its cause has nothing but the code. */
export function postgresFailure(error: unknown): Error {
  if (error instanceof StoreUnavailableError || error instanceof ConfigurationError) return error
  const state = sqlState(error)
  const cause = Object.assign(new Error('The statement failed.'), { code: state ?? codeOf(error) })
  if (state === undefined)
    return new StoreUnavailableError(`PostgreSQL, the session store, failed: ${describeLoss(error)}.`, {
      cause,
    })
  const reason = reasons[state] ?? reasons[state.slice(0, 2)] ?? `it answered ${state}`
  const advice = needsSchema.has(state)
    ? ' Run the SQL that "npx next-atproto-auth schema postgres" prints, or pass migrate: true.'
    : ''
  return new StoreUnavailableError(
    `PostgreSQL, the session store, refused the operation: ${reason}.${advice}`,
    { cause },
  )
}

function describeLoss(error: unknown): string {
  if (isNoAnswer(error)) return 'there was no answer in time'
  const code = codeOf(error)
  return code === undefined ? 'the connection was lost' : `it cannot be reached (${code})`
}

/** Of the error or of what it wraps, as an ORM wraps the errors of its driver. */
function codeOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code
    // Several addresses were tried.
    if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0])
  }
  return undefined
}
