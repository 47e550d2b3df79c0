/** What the promises are tested on. */
import type { Store } from '../../../lib/store/contract.ts'

export interface Subject {
  /** The empty store of the running test. */
  readonly store: Store
  /** Lets time pass on the store's clock. */
  pass(ms: number): Promise<void>
  /** How exactly the store's clock is known: what is to live longer than that is not gone by the test's own time. */
  readonly tickMs: number
}

export const MINUTE_MS = 60_000

/** Does the same many times at once. */
export function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)))
}
