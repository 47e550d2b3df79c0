/**
 * How often a process asks the store whether it was used with another secret: anyone can send cookies that do not open.
 */
import 'server-only'
import { SECRET_ROW_FRESH_MS } from '../../oauth/records/secret-row.ts'

export interface SecretTurns {
  /** Whether a cookie that did not open may have the store asked now: once in five minutes. */
  takeForCookie(): boolean
  /** Whether a sign-in may have the store asked now: once a day. */
  takeForSignIn(): boolean
  /** Says that the turn of a sign-in came to nothing: the next one is in five minutes. */
  giveBack(): void
}

const PAUSE_MS = 5 * 60_000

/** @param now milliseconds of a clock that is never set */
export function createSecretTurns(now = () => performance.now()): SecretTurns {
  let cookieAt = Number.NEGATIVE_INFINITY
  let signInAt = Number.NEGATIVE_INFINITY
  return {
    takeForCookie() {
      if (now() < cookieAt) return false
      cookieAt = now() + PAUSE_MS
      return true
    },
    takeForSignIn() {
      if (now() < signInAt) return false
      signInAt = now() + SECRET_ROW_FRESH_MS
      return true
    },
    giveBack() {
      signInAt = now() + PAUSE_MS
    },
  }
}
