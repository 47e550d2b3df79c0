/**
 * Sessions whose rows the store has but that do not open, as after a wrong change of secrets: for a visitor, such a row does
 * not exist. Only a log line tells the application's operator why users are signed out. Visitors cannot cause one without a
 * cookie that this application has sealed, and not more than one a minute.
 */

import { ConfigurationError, type UnopenedCause } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'

export interface UnopenedSessions {
  /** Counts a row that did not open. The line to write now, if it is time for one. */
  lineFor(cause: UnopenedCause): string | undefined
}

interface Unsaid {
  readonly count: number
  /** When the last line was written. */
  readonly saidAt: number
}

const PAUSE_MS = 60_000

/** @param now milliseconds of a clock that is never set */
export function createUnopenedSessions(now = () => performance.now()): UnopenedSessions {
  const unsaid = new Map<UnopenedCause, Unsaid>()
  return {
    lineFor(cause) {
      const { count, saidAt } = unsaid.get(cause) ?? { count: 0, saidAt: Number.NEGATIVE_INFINITY }
      const isDue = now() - saidAt >= PAUSE_MS
      unsaid.set(cause, isDue ? { count: 0, saidAt: now() } : { count: count + 1, saidAt })
      return isDue ? sentencesFor(cause, count + 1) : undefined
    },
  }
}

/** What someone is told who asked for a session whose row does not open. It has not ended. */
export function unopenedError(did: Did, cause: UnopenedCause): ConfigurationError {
  const message = `The session is stored, but could not be opened with this configuration: ${reasons[cause]}`
  return new ConfigurationError(message, { did, unopenedSession: cause })
}

const reasons = {
  secret:
    'its secret is not configured. Add that secret again at the end of ATPROTO_SECRET: see "Rotate the secret" in docs/operations.md.',
  other:
    'it is of another client_id or version, or was altered. Set PUBLIC_URL (on a loopback address the scope too) as it was.',
} as const

function sentencesFor(cause: UnopenedCause, count: number): string {
  const times = count === 1 ? '' : ` (${count} times since the last such line)`
  if (cause === 'secret')
    return `Stored sessions could not be opened with the secrets of this application${times}: they were sealed with one that is not configured, so their users are signed out. If it was not removed on purpose, add it again at the end of ATPROTO_SECRET: see "Rotate the secret" in docs/operations.md.`
  return `Stored sessions could not be opened, although their secret is configured${times}: they are of another client_id or version, or were altered, so their users are signed out. If PUBLIC_URL was changed, set it back, or let them sign in again.`
}
