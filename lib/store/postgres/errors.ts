/**
 * What a failure of PostgreSQL means, in words that contain no credentials, keys or values: the server's own words, and
 * the details of its errors, may quote them.
 */
import { AtprotoAuthError, StoreUnavailableError } from '../../errors.ts'
import { isNoAnswer } from '../time-limit.ts'

/** What failed: the SQL that makes the table, or anything else. */
export type StatementKind = 'schema' | 'operation'

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or by its class. */
const reasons: Readonly<Record<string, string>> = {
  '08': 'the connection to it was lost',
  '25006': 'it is a read-only replica; connect to the primary',
  '28': 'it refused the user or the password',
  '3D000': 'that database does not exist',
  '3F000': 'that schema does not exist',
  '42501':
    'the role lacks a right; it needs SELECT, INSERT, UPDATE and DELETE on the table and USAGE on its schema',
  '42703': 'the table lacks a column: it is of an older release, or of another program',
  '42P01': 'the table does not exist, or not in the schema that this connection looks in',
  '42P07':
    'a table of that name exists that is none of this package, or of an older release; choose another name with `table`, or remove the table, which signs everybody out',
  '53100': 'its disk is full',
  '53300': 'it accepts no more connections',
  '53': 'it is out of memory or disk space',
  '54': 'a key or value is too long for it',
  '55P03': 'a row was locked for too long',
  '57014': 'it cancelled the statement',
  '57P01': 'it is shutting down',
  '57P02': 'it has crashed',
  '57P03': 'it is starting or stopping',
  '40': 'other transactions were in the way',
}

const COMMAND = 'the SQL that "npx next-atproto-auth schema postgres" prints'
/** For these, the application has to make or change the table. */
const needsSchema: ReadonlySet<string> = new Set(['42P01', '42703', '3F000'])
const QUERY_TIMEOUT = 'Query read timeout'
/** Of `pg`, whose time limits have no code. The last one is also for a pool that is full. */
const timeOuts: ReadonlySet<string> = new Set([
  QUERY_TIMEOUT,
  'timeout expired',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
])

/** SQLSTATE of an error, or of what caused it; undefined when the server did not refuse, but the connection failed. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error)
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) ? code : undefined
}

/** Whether `pg` gave up the connection of a statement, which may go on at the server. */
export function isQueryTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === QUERY_TIMEOUT
}

/** Whether the connection was lost, so that it is not known whether the statement was executed. */
export function isConnectionLost(error: unknown): boolean {
  // One that has waited for so long may be waiting still: another one beside it would wait for the same.
  if (error instanceof AtprotoAuthError || hadNoAnswer(error)) return false
  const state = sqlState(error)
  return state === undefined || /^(08|57P0)/.test(state)
}

/** Whether the server undid the statement because of others at the same time, so that it may be sent again. */
export function wasUndone(error: unknown): boolean {
  return sqlState(error)?.startsWith('40') ?? false
}

/** The error of a statement as an error of this library. Its cause has nothing but the code. */
export function describeFailure(error: unknown, kind: StatementKind): Error {
  if (error instanceof AtprotoAuthError) return error
  const state = sqlState(error)
  const cause = Object.assign(new Error('The statement failed.'), { code: state ?? codeOf(error) })
  const message =
    state === undefined
      ? `failed: ${describeLoss(error)}.`
      : `refused the operation: ${adviceFor(state, kind)}`
  return new StoreUnavailableError(`PostgreSQL, the session store, ${message}`, { cause })
}

function adviceFor(state: string, kind: StatementKind): string {
  if (state === '42501' && kind === 'schema')
    return `the role may not make the table, for which it needs CREATE and USAGE on the schema. Run ${COMMAND} as another role, and grant this one SELECT, INSERT, UPDATE and DELETE on the table.`
  const reason = reasons[state] ?? reasons[state.slice(0, 2)] ?? `it answered ${state}`
  return needsSchema.has(state) ? `${reason}. Run ${COMMAND}, or pass migrate: true.` : `${reason}.`
}

function describeLoss(error: unknown): string {
  if (hadNoAnswer(error)) return 'there was no answer in time'
  const code = codeOf(error)
  return code === undefined ? 'the connection was lost' : `it cannot be reached (${code})`
}

function hadNoAnswer(error: unknown): boolean {
  return isNoAnswer(error) || (error instanceof Error && timeOuts.has(error.message))
}

/** Causes that are looked through: an error that is its own cause has no end. */
const MAX_CAUSES = 5

/** Of the error or of what it wraps, as an ORM wraps the errors of its driver. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > MAX_CAUSES) return undefined
  if ('code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{1,40}$/.test(error.code))
    return error.code
  // Several addresses were tried.
  const inner = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error.cause
  return codeOf(inner, depth + 1)
}
