/** How many lines a minute the log gives to failures of one kind: one visitor can cause thousands. */
import 'server-only'

/** Failures of one kind in one minute. */
interface Minute {
  readonly minute: number
  readonly count: number
}

/** By kind: activities and error codes are closed lists, so it stays small. */
export type FailureCounts = Map<string, Minute>

/** What to do with one failure. */
export interface LogDecision {
  readonly isWritten: boolean
  /** Whether it is the last one of this minute that is written. */
  readonly isLast: boolean
  /** How many were not written in the minute in which this kind was seen last, if that was another one. */
  readonly missed: number
}

/** Lines for failures of one kind in a minute, unless the caller allows fewer. */
export const FAILURES_PER_MINUTE = 60

export function createFailureCounts(): FailureCounts {
  return new Map()
}

export interface FailureKind {
  readonly kind: string
  /** How many lines it gets in a minute. */
  readonly perMinute?: number | undefined
}

/** @param nowMs epoch milliseconds */
export function countFailure(
  counts: FailureCounts,
  { kind, perMinute = FAILURES_PER_MINUTE }: FailureKind,
  nowMs: number,
): LogDecision {
  const minute = Math.floor(nowMs / 60_000)
  const previous = counts.get(kind)
  const isSameMinute = previous?.minute === minute
  const count = isSameMinute ? previous.count + 1 : 1
  counts.set(kind, { minute, count })
  return {
    isWritten: count <= perMinute,
    isLast: count === perMinute,
    missed: isSameMinute ? 0 : Math.max(0, (previous?.count ?? 0) - perMinute),
  }
}
