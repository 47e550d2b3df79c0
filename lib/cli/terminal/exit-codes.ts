/** What a command ends with, and what is said when it fails: one line, with what to do about it. */
import type { AtprotoAuthError, ErrorCode } from '../../errors.ts'
import { ScopeMissingError } from '../../oauth/resource/xrpc-error.ts'
import { oneLine, shellQuote } from './output.ts'

/** Scripts may count on these. */
export const exitCode = {
  ok: 0,
  failed: 1,
  /** The call was not understood. */
  usage: 2,
  /** Nobody is signed in, the session is over, or what was granted does not reach. */
  signInNeeded: 3,
  /** The same call may work later. */
  tryLater: 4,
  /** Ctrl-C, as shells count it. */
  cancelled: 130,
} as const

export const EXIT_CODES_HELP =
  'Exit codes: 0 done, 1 failed, 2 the call is not understood, 3 sign in (again), 4 try again later, 130 cancelled.'

const asksForSignIn: ReadonlySet<ErrorCode> = new Set(['session_ended', 'scope_missing', 'state_unknown'])

const advice: { readonly [code in ErrorCode]?: string } = {
  identity_not_found: 'Check the spelling.',
  blocked_address: 'Servers on this machine need --allow-http.',
  state_unknown: 'Begin again with "next-atproto-auth login".',
  // What to do about it is in the message.
  store_unavailable: '',
}

/** The exit code for an error. */
export function exitCodeOf(error: AtprotoAuthError): number {
  if (asksForSignIn.has(error.code)) return exitCode.signInNeeded
  return error.retryable ? exitCode.tryLater : exitCode.failed
}

/** The error in one line, with the advice that belongs to it. */
export function describeFailure(error: AtprotoAuthError): string {
  const parts = [error.message, adviceFor(error), `[${error.code}]`]
  return oneLine(parts.filter(Boolean).join(' '))
}

function adviceFor(error: AtprotoAuthError): string | undefined {
  if (error instanceof ScopeMissingError && error.askFor !== undefined) {
    return `That is: next-atproto-auth login HANDLE --scope ${shellQuote(error.askFor)}`
  }
  if (error.code === 'session_ended') {
    return `Sign in with: next-atproto-auth login ${error.did ?? 'HANDLE'}`
  }
  return (
    advice[error.code] ?? (error.retryable && error.code !== 'rate_limited' ? 'Try again later.' : undefined)
  )
}
