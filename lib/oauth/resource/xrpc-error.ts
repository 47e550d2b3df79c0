/** The errors with which a PDS refuses an XRPC call (atproto.com/specs/xrpc, "Error Responses"). */
import { AtprotoAuthError, type ErrorCode, type ErrorDetails } from '../../errors.ts'
import { rateLimitResetMs, retryAfterMs } from '../server/retry-after.ts'
import { hasChallenge } from '../server/www-authenticate.ts'
import { findMissingScope } from './missing-scope.ts'

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
  /** The one scope that is missing, if the server named one that can be read. */
  readonly missingScope: string | undefined
  /**
   * The `scope` of the sign-in that would help: of the client metadata's scope, what the session was granted and what allows
   * `missingScope`. Undefined when the server named no scope, or one that the metadata does not declare: a server does not
   * decide what the application asks for.
   */
  readonly askFor: string | undefined
  /** The session's scope. */
  readonly granted: string

  constructor(
    message: string,
    details: XrpcErrorDetails & {
      readonly missingScope?: string | undefined
      readonly askFor?: string | undefined
      readonly granted: string
    },
  ) {
    super(message, details, 'scope_missing')
    this.missingScope = details.missingScope
    this.askFor = details.askFor
    this.granted = details.granted
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
  /** What else the server said. */
  readonly words: string | undefined
  /** The session's scope. */
  readonly granted: string
  /** The scope of the client metadata. */
  readonly declared: string
  /** As in `AnswerContext`. */
  readonly secrets: readonly string[]
  /** Epoch milliseconds. */
  readonly now: number
}

const MAX_MESSAGE = 300

/** The error to throw for an answer. */
export function xrpcErrorOf(call: RefusedCall): XrpcError {
  const { nsid, endpoint, response, error, words } = call
  const errorMessage = words?.slice(0, MAX_MESSAGE)
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
  const missing = findMissingScope(call)
  if (!missing) return new XrpcError(message + adviceOn(response), details)
  const { missingScope, askFor } = missing
  const advice = missingScope
    ? `Sign in again with "${missingScope}" added to the scope.`
    : 'More scope is needed.'
  return new ScopeMissingError(`${message} ${advice}`, {
    ...details,
    missingScope,
    askFor,
    granted: call.granted,
  })
}

/** A request for a nonce that is repeated although the request had it means something else. */
function adviceOn(response: Response): string {
  if (!hasChallenge(response, 'use_dpop_nonce')) return ''
  return ' It asked for a nonce although the proof had the one that it gave: it does not accept the proof.'
}

const DEFAULT_WAIT_MS = 60_000
const MAX_WAIT_MS = 24 * 60 * 60_000

function waitMs(headers: Headers, now: number): number {
  const ms = retryAfterMs(headers, now) ?? rateLimitResetMs(headers, now) ?? DEFAULT_WAIT_MS
  return Math.min(ms, MAX_WAIT_MS)
}
