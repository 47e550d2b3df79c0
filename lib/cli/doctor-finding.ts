/** What the checks of `doctor` are given, and what they give back. */
import type { GuardedFetch } from '../net/guarded-fetch.ts'

/** What one check found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** What was found; never a secret. */
  readonly message: string
  /** What to do about it. */
  readonly fix?: string
}

/** What the checks look at the world with; tests bring their own. */
export interface Instruments {
  readonly fetch: GuardedFetch
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly nodeVersion: string
}
