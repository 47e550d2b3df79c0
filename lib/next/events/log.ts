/** The few lines this library writes to the server's log. Never a token, code, key, cookie or a server's own text. */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import { processState } from '../process/shared-state.ts'

/** Takes the lines that the library would write to the console. Each is one sentence or two, without secrets. */
export interface Logger {
  warn(message: string): void
  error(message: string): void
}

/** What was being done when something failed. */
export type Activity = keyof typeof activities

const activities = {
  configuration: 'The configuration is incomplete',
  sign_in: 'Sign-in could not begin',
  callback: 'Sign-in could not be finished',
  request: 'A request failed',
  replaced_session: 'A session that was replaced was not ended',
  hook: 'A hook threw',
} as const

/** Something that failed, as the hook `onError` is told. */
export interface ErrorEvent {
  readonly activity: Activity
  readonly error: unknown
}

/** The log of one `createAtprotoAuth()`. */
export interface Log {
  /** Writes the line once in the life of the process. */
  warnOnce(message: string): void
  errorOnce(message: string): void
  /** Writes what went wrong, for the operator: the visitor is told less. The hook `onError` is told too. */
  failure(activity: Activity, error: unknown): void
}

export interface LogOptions {
  readonly logger?: Logger | undefined
  readonly onError?: ((event: ErrorEvent) => unknown) | undefined
}

/** @param options where lines go; default the console, each with the library's name in front */
export function createLog({ logger = consoleLogger, onError }: LogOptions = {}): Log {
  const write = (level: keyof Logger, message: string) => {
    try {
      logger[level](message)
    } catch {
      // A log that is broken must not break the sign-in that it is told about.
      consoleLogger[level](message)
    }
  }
  const once = (level: keyof Logger, message: string) => {
    const { logged } = processState()
    if (logged.has(message)) return
    logged.add(message)
    write(level, message)
  }
  return {
    warnOnce: (message) => once('warn', message),
    errorOnce: (message) => once('error', message),
    failure(activity, error) {
      const what = activities[activity]
      if (error instanceof AtprotoAuthError) write('warn', `${what}: ${error.code}: ${error.message}`)
      else write('error', `${what}: ${error instanceof Error ? error.stack : 'unknown error'}`)
      tell(onError, { activity, error })
    },
  }
}

function tell(onError: LogOptions['onError'], event: ErrorEvent): void {
  const complain = () => consoleLogger.error('The hook onError threw.')
  try {
    void Promise.resolve(onError?.(event)).catch(complain)
  } catch {
    complain()
  }
}

const consoleLogger: Logger = {
  // biome-ignore lint/suspicious/noConsole: the log of the application is the console.
  warn: (message) => console.warn(`[next-atproto-auth] ${message}`),
  // biome-ignore lint/suspicious/noConsole: as above.
  error: (message) => console.error(`[next-atproto-auth] ${message}`),
}
