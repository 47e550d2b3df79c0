/**
 * The library's log. A line never contains a token, code, key or cookie. It may quote another server, as the reason of a
 * failure: without secrets, shortened and escaped.
 */
import 'server-only'
import { describeError, framesOf } from '../../error-reason.ts'
import { AtprotoAuthError } from '../../errors.ts'
import { escapeControls, redact } from '../../untrusted-text.ts'
import { createErrorReference } from '../../web/error-reference.ts'
import { countFailure, type FailureKind } from '../process/failure-counts.ts'
import { sharedState } from '../process/shared-state.ts'

/**
 * Takes the lines that the library would write to the console: one or two sentences each, without secrets and with
 * control characters escaped. Only problems of the configuration and errors of the application itself have several lines.
 */
export interface Logger {
  warn(message: string): void
  error(message: string): void
}

/** What the library was doing when something failed. */
export type Activity = keyof typeof activities

const activities = {
  configuration: 'The configuration is incomplete',
  sign_in: 'Sign-in could not start',
  callback: 'Sign-in could not be finished',
  connect: 'A connection could not start',
  connect_callback: 'A connection could not be finished',
  request: 'A request failed',
  replaced_session: 'A replaced session could not be ended',
  finished_sign_in: 'A sign-in is done, but its answer could not be kept or compared',
  hook: 'A hook threw',
} as const

/** A failure, as the hook `onError` gets it. */
export interface ErrorEvent {
  readonly activity: Activity
  readonly error: unknown
  /**
   * Of the request in which it failed: what the visitor is shown if the sign-in failed, and `reference=` of the log line.
   * Undefined outside of the library's routes, `signIn` and `connect`.
   */
  readonly reference?: string | undefined
}

/** The log of one `createAtprotoAuth()`. */
export interface Log {
  /** Writes a warning, however often. The caller limits how often that is. */
  warn(message: string): void
  /** Writes a warning, once per process. */
  warnOnce(message: string): void
  /**
   * Writes a warning that any visitor can cause. Of one kind, 3 are written in a minute, and the
   * number of the others.
   */
  warnSeldom(kind: string, message: string): void
  /** Writes an error, once per process. Its line breaks stay. */
  errorOnce(message: string): void
  /**
   * Writes the details of a failure, which the visitor does not see, and calls the hook `onError`. Of one kind, 60 are
   * written in a minute, and the number of the others.
   */
  failure(activity: Activity, error: unknown): void
  /** In the lines of all failures of one request (see `forRequest`); undefined in the log of all requests. */
  readonly reference: string | undefined
  /** Returns the same log for one request, with a new reference. */
  forRequest(): Log
}

export interface LogOptions {
  readonly logger?: Logger | undefined
  readonly onError?: ((event: ErrorEvent) => unknown) | undefined
}

const WARNINGS_PER_MINUTE = 3

/** @param options the default `logger` is the console, with the library's name before each line */
export function createLog({ logger = consoleLogger, onError }: LogOptions = {}): Log {
  const write = (level: keyof Logger, lines: readonly string[]) => {
    const message = lines.map((line) => escapeControls(redact(line))).join('\n')
    try {
      logger[level](message)
    } catch {
      // A broken logger must not break a sign-in.
      consoleLogger[level](message)
    }
  }
  const once = (level: keyof Logger, lines: readonly string[]) => {
    const { logged } = sharedState()
    const message = lines.join('\n')
    if (logged.has(message)) return
    logged.add(message)
    write(level, lines)
  }
  const writeLimited = (level: keyof Logger, limited: FailureKind, lines: readonly string[]) => {
    const { kind } = limited
    const { isWritten, isLast, missed } = countFailure(sharedState().failures, limited, Date.now())
    if (missed > 0) write('warn', [`${kind}: ${missed} more were not logged.`])
    if (isWritten) write(level, lines)
    if (isLast) write('warn', [`${kind}: further ones are not logged in this minute.`])
  }
  const createLogWith = (reference: string | undefined): Log => ({
    reference,
    forRequest: () => createLogWith(createErrorReference()),
    warn: (message) => write('warn', [message]),
    warnOnce: (message) => once('warn', [message]),
    warnSeldom: (kind, message) => writeLimited('warn', { kind, perMinute: WARNINGS_PER_MINUTE }, [message]),
    errorOnce: (message) => once('error', message.split('\n')),
    failure(activity, error) {
      const level = error instanceof AtprotoAuthError ? 'warn' : 'error'
      const kind = `${activities[activity]}: ${error instanceof AtprotoAuthError ? error.code : 'error'}`
      const line = `${activities[activity]}: ${describeError(error, reference)}`
      writeLimited(level, { kind }, [line, ...framesOf(error)])
      callOnError(onError, { activity, error, reference })
    },
  })
  return createLogWith(undefined)
}

function callOnError(onError: LogOptions['onError'], event: ErrorEvent): void {
  const report = () => consoleLogger.error('The hook onError threw.')
  try {
    void Promise.resolve(onError?.(event)).catch(report)
  } catch {
    report()
  }
}

const consoleLogger: Logger = {
  // biome-ignore lint/suspicious/noConsole: the log of the application is the console.
  warn: (message) => console.warn(`[next-atproto-auth] ${message}`),
  // biome-ignore lint/suspicious/noConsole: as above.
  error: (message) => console.error(`[next-atproto-auth] ${message}`),
}
