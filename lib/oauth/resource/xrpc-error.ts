/** The errors with which a PDS refuses an XRPC call (atproto.com/specs/xrpc, "Error Responses"). */
import { AtprotoAuthError, type ErrorCode, type ErrorDetails } from '../../errors.ts'
import { rateLimitResetMs, retryAfterMs } from '../server/retry-after.ts'
import { readChallenges } from '../server/www-authenticate.ts'

export interface XrpcErrorDetails extends ErrorDetails {
  readonly error?: string | undefined
  readonly errorMessage?: string | undefined
}

/** The PDS, or the service behind it, answered an XRPC call with an error. */
export class XrpcError extends AtprotoAuthError {
  static override readonly errorName: string = 'XrpcError'
  override readonly name: string = 'XrpcError'
  /** The name of the error in the method's lexicon, e.g. `RecordNotFound`; undefined when none came. */
  readonly error: string | undefined
  /** The server's own, untrusted text, shortened and without tokens: to log, not to render as HTML. */
  readonly errorMessage: string | undefined

  constructor(message: string, details: XrpcErrorDetails, code: ErrorCode = 'xrpc_error') {
    super(code, message, details)
    this.error = details.error
    this.errorMessage = details.errorMessage
  }

  /** `instanceof` compares names, so the subclasses are listed here. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== XrpcError) return super[Symbol.hasInstance](value)
    return (
      [ScopeMissingError, RateLimitError].some((kind) => value instanceof kind) ||
      super[Symbol.hasInstance](value)
    )
  }

  /** Whether the same call may succeed later: the server failed, or wants to be asked later. */
  override get retryable(): boolean {
    return super.retryable || (this.status ?? 0) >= 500
  }
}

/** The user has not granted what the call needs: begin a sign-in with more scope (`askFor`). */
export class ScopeMissingError extends XrpcError {
  static override readonly errorName: string = 'ScopeMissingError'
  override readonly name = 'ScopeMissingError'
  /** What is missing, as the server put it; undefined when it did not say. */
  readonly missingScope: string | undefined
  /**
   * What the session was granted and what is missing: the `scope` of the sign-in that would help. It has to be in
   * the client metadata. Where permissions came by `include:…`, add what is missing to the scope that was asked for.
   */
  readonly askFor: string | undefined

  constructor(
    message: string,
    details: XrpcErrorDetails & { readonly missingScope?: string | undefined; readonly granted: string },
  ) {
    super(message, details, 'scope_missing')
    const { missingScope, granted } = details
    this.missingScope = missingScope
    this.askFor = missingScope && [...new Set(`${granted} ${missingScope}`.split(' '))].join(' ')
  }
}

/** The PDS accepts no more calls for a while. Nothing was retried. */
export class RateLimitError extends XrpcError {
  static override readonly errorName: string = 'RateLimitError'
  override readonly name = 'RateLimitError'
  /** Milliseconds to wait before the next call: what the server said, at most a day; a minute if it said nothing. */
  readonly retryAfterMs: number

  constructor(message: string, details: XrpcErrorDetails & { readonly retryAfterMs: number }) {
    super(message, details, 'rate_limited')
    this.retryAfterMs = details.retryAfterMs
  }
}

/** An answer other than 2xx, with what its JSON body says. */
export interface RefusedCall {
  readonly nsid: string
  readonly endpoint: string
  readonly response: Response
  readonly error: string | undefined
  readonly errorMessage: string | undefined
  /** The session's scope. */
  readonly granted: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** The error to throw for an answer. */
export function xrpcErrorOf(call: RefusedCall): XrpcError {
  const { nsid, endpoint, response, error, errorMessage } = call
  const { status } = response
  const details = { endpoint, status, error, errorMessage }
  const said = [error, errorMessage].filter((text) => text !== undefined).join(': ')
  const message = `${nsid} was answered with ${status}${said && ` (${said})`}.`
  if (status === 429) {
    const retryAfterMs = waitMs(response.headers, call.now)
    return new RateLimitError(`${message} Wait ${Math.ceil(retryAfterMs / 1000)} s.`, {
      ...details,
      retryAfterMs,
    })
  }
  const needed = status === 403 ? insufficientScope(response) : undefined
  if (status !== 403 || !(error === 'ScopeMissingError' || needed)) return new XrpcError(message, details)
  const missingScope = missingScopeOf(errorMessage) ?? needed?.scope
  const advice = missingScope
    ? `Sign in again with "${missingScope}" added to the scope.`
    : 'More scope is needed.'
  return new ScopeMissingError(`${message} ${advice}`, { ...details, missingScope, granted: call.granted })
}

/** RFC 6749 §3.3; the length is ours. */
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/
const MAX_SCOPE = 2_048

/** From the words of the reference PDS. */
function missingScopeOf(message: string | undefined): string | undefined {
  return checkedScope(/^Missing required scope "([^"]+)"/.exec(message ?? '')?.[1])
}

/** The challenge of RFC 6750 §3.1, of whatever scheme, and the `scope` in it if there is any. */
function insufficientScope(response: Response): { readonly scope: string | undefined } | undefined {
  const found = readChallenges(response)
    .map(({ params }) => new Map(params))
    .find((params) => params.get('error') === 'insufficient_scope')
  return found && { scope: checkedScope(found.get('scope')) }
}

function checkedScope(scope: string | undefined): string | undefined {
  return scope !== undefined && scope.length <= MAX_SCOPE && scopePattern.test(scope) ? scope : undefined
}

const DEFAULT_WAIT_MS = 60_000
const MAX_WAIT_MS = 24 * 60 * 60_000

function waitMs(headers: Headers, now: number): number {
  const ms = retryAfterMs(headers, now) ?? rateLimitResetMs(headers, now) ?? DEFAULT_WAIT_MS
  return Math.min(ms, MAX_WAIT_MS)
}
