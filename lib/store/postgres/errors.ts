/**
 * What a failure of PostgreSQL means, in words that contain no credentials, keys or values: the server's own words, and
 * the details of its errors, may quote them.
 */
import { AtprotoAuthError, StoreUnavailableError } from '../../errors.ts'
import { addressInError } from '../../failed-address.ts'
import { isNoAnswer } from '../time-limit.ts'
import {
  type FailureReason,
  reasonOfCode,
  reasonOfMessage,
  reasonOfSilence,
  reasonOfState,
  type StatementKind,
} from './failure-reasons.ts'

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

/** The cause of the error of a statement: it has the driver's code, and nothing else of the driver's error. */
class StatementFailure extends Error {
  readonly code: string | undefined
  readonly advice: string

  constructor(code: string | undefined, advice: string) {
    super('The statement failed.')
    this.code = code
    this.advice = advice
  }
}

/** Of what the statement was about, for the message. */
export interface FailedPlace {
  /** Host and port of the database; default those that the error notes. */
  readonly address?: string | undefined
  /** The table, quoted. */
  readonly table?: string | undefined
}

/** The error of a statement as an error of this library: what happened, and what to do. */
export function describeFailure(
  error: unknown,
  kind: StatementKind,
  { address = addressInError(error), table }: FailedPlace = {},
): Error {
  if (error instanceof AtprotoAuthError) return error
  const state = sqlState(error)
  const { reason, advice } =
    state === undefined ? reasonOfLoss(error, address) : reasonOfState(state, kind, table)
  const verb = state === undefined ? 'failed' : 'refused the operation'
  const cause = new StatementFailure(state ?? codeOf(error), advice)
  return new StoreUnavailableError(`PostgreSQL, the session store, ${verb}: ${reason}. ${advice}`, { cause })
}

/** The end of that error's message, which says what to do; undefined for an error that did not come from a statement. */
export function adviceIn({ cause }: AtprotoAuthError): string | undefined {
  return cause instanceof StatementFailure ? cause.advice : undefined
}

function reasonOfLoss(error: unknown, address: string | undefined): FailureReason {
  if (hadNoAnswer(error)) return reasonOfSilence(address)
  const code = codeOf(error)
  if (code !== undefined) return reasonOfCode(code, address)
  return reasonOfMessage(error instanceof Error ? error.message : '')
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
