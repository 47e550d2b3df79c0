/** The exit codes of commands, and the one-line message for a failed one, with advice. */
import { describeReason, innermostCause } from '../../error-reason.ts'
import { type AtprotoAuthError, type ErrorCode, InvalidIdentifierError } from '../../errors.ts'
import { ScopeMissingError } from '../../oauth/resource/xrpc-error.ts'
import { escapeControls } from '../../untrusted-text.ts'
import { withFlags } from './option-names.ts'
import { shellQuote } from './output.ts'

/** The exit codes. They do not change, so scripts may rely on them. */
export const exitCode = {
  ok: 0,
  failed: 1,
  /** The arguments are not valid. */
  usage: 2,
  /** No account is signed in, the session is over, or the granted scope is not enough. */
  signInNeeded: 3,
  /** The same command may succeed later. */
  tryLater: 4,
  /** Ctrl-C, with the exit code that shells use for it. */
  cancelled: 130,
} as const

export const EXIT_CODES_HELP =
  'Exit codes: 0 success, 1 failure, 2 invalid arguments, 3 sign in (again), 4 try again later, 130 cancelled.'

const signInCodes: ReadonlySet<ErrorCode> = new Set(['session_ended', 'scope_missing', 'state_unknown'])

const advice: { readonly [code in ErrorCode]?: string } = {
  identity_not_found: 'Check the spelling.',
  access_denied: 'It was cancelled, or the server refused it.',
  blocked_address:
    'For a server on this machine, add --allow-http; for one at a private address, --private-host.',
  state_unknown: 'Start again with "npx next-atproto-auth login".',
  // The message itself says what to do.
  store_unavailable: '',
}

/** A name that does not exist or is not allowed, and TLS: trying again does not help. */
const lastingCause = /^(ENOTFOUND|EPROTO|blocked_address)$|^ERR_(SSL|TLS)_|CERT|^UNABLE_TO_/
const proxyRefuses = /The proxy \S+ rejects the credentials/
const proxyIsAway = /The proxy \S+ could not be reached/

/** Returns the exit code for an error. */
export function exitCodeOf(error: AtprotoAuthError): number {
  if (signInCodes.has(error.code)) return exitCode.signInNeeded
  return error.retryable && !isLasting(error) ? exitCode.tryLater : exitCode.failed
}

/** Returns the error with its reason in one line, with advice and its code. */
export function describeFailure(error: AtprotoAuthError): string {
  const parts = [describeReason(error), adviceFor(error), `[${error.code}]`]
  return escapeControls(withFlags(parts.filter(Boolean).join(' ')))
}

function adviceFor(error: AtprotoAuthError): string | undefined {
  if (error instanceof ScopeMissingError && error.missingScope !== undefined) {
    // A loopback client declares what a sign-in asks for, so the person who types the command decides.
    const scope = error.askFor ?? `${error.granted} ${error.missingScope}`
    return `To ask for it: npx next-atproto-auth login HANDLE --scope ${shellQuote(scope)}`
  }
  if (error.code === 'session_ended') {
    return `Sign in with: npx next-atproto-auth login ${error.did ?? 'HANDLE'}`
  }
  if (error instanceof InvalidIdentifierError)
    return 'The https address of a server works too, such as https://pds.example.com.'
  return advice[error.code] ?? (maySoonSucceed(error) ? 'Try again later.' : undefined)
}

function maySoonSucceed(error: AtprotoAuthError): boolean {
  return error.retryable && error.code !== 'rate_limited' && !isLasting(error)
}

/** Whether the same command fails again until something has been changed. */
function isLasting(error: AtprotoAuthError): boolean {
  const cause = innermostCause(error) ?? ''
  const reason = describeReason(error)
  // A proxy is part of this network, where a closed port is a wrong one.
  const isWrongProxy = cause === 'ECONNREFUSED' && proxyIsAway.test(reason)
  return lastingCause.test(cause) || isWrongProxy || proxyRefuses.test(reason)
}
