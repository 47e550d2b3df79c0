/** The few lines this library writes to the server's log. Never a token, code, key, cookie or a server's own text. */
import 'server-only'
import { AtprotoAuthError } from '../errors.ts'
import { processState } from './process-state.ts'

type Level = 'error' | 'warn'

/** Writes one line. */
export function log(level: Level, message: string): void {
  // biome-ignore lint/suspicious/noConsole: the log of the application is the console.
  console[level](`[next-atproto-auth] ${message}`)
}

/** Writes one line, once in the life of the process. */
export function logOnce(level: Level, message: string): void {
  const { logged } = processState()
  if (logged.has(message)) return
  logged.add(message)
  log(level, message)
}

/** Writes what went wrong, for the operator: the visitor is told less. */
export function logFailure(what: string, error: unknown): void {
  if (error instanceof AtprotoAuthError) log('warn', `${what}: ${error.code}: ${error.message}`)
  else log('error', `${what}: ${error instanceof Error ? error.stack : 'unknown error'}`)
}
