/** The result of a check of `doctor`, and what the checks need from outside. */
import type { GuardedFetch } from '../../net/guarded-fetch.ts'

/** The result of one check. */
export type Finding = Passed | Note | Problem

interface Checked {
  /** The name of the check, in one or two words. */
  readonly check: string
  /** The result; never contains a secret. */
  readonly message: string
}

export interface Passed extends Checked {
  readonly level: 'ok'
}

/** There was nothing to check, so it counts neither as passed nor as a problem. */
export interface Note extends Checked {
  readonly level: 'note'
}

/** Every problem comes with advice on how to fix it. */
export interface Problem extends Checked {
  readonly level: 'warn' | 'fail'
  readonly fix: string
  /** Whether a request got no answer. */
  readonly isUnanswered?: boolean | undefined
}

/** Whether a finding needs advice. */
export function isProblem(finding: Finding): finding is Problem {
  return finding.level === 'warn' || finding.level === 'fail'
}

/** The dependencies of the checks. Tests pass their own. */
export interface DoctorDeps {
  readonly fetch: GuardedFetch
  /** Reaches an application on this machine, which `fetch` does not. */
  readonly fetchHere: GuardedFetch
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly nodeVersion: string
}
