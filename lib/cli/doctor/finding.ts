/** What the checks of `doctor` are given, and what they give back. */
import type { GuardedFetch } from '../../net/guarded-fetch.ts'

/** What one check found. */
export type Finding = Fine | Complaint

interface Checked {
  /** What was looked at, in a word or two. */
  readonly check: string
  /** What was found; never a secret. */
  readonly message: string
}

export interface Fine extends Checked {
  readonly level: 'ok'
}

/** Nothing is complained of without saying what to do about it. */
export interface Complaint extends Checked {
  readonly level: 'warn' | 'fail'
  readonly fix: string
}

/** What the checks look at the world with; tests bring their own. */
export interface Instruments {
  readonly fetch: GuardedFetch
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly nodeVersion: string
}
