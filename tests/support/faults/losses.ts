/** What should not have happened in a scenario, a sentence each: a test wants none, and a long run counts them. */
import { isDeepStrictEqual } from 'node:util'

export interface Losses {
  readonly all: readonly string[]
  add(sentence: string): void
  /** Adds a sentence when `found` is not exactly `wanted`. */
  compare(what: string, found: unknown, wanted: unknown): void
}

export function createLosses(): Losses {
  const all: string[] = []
  const add = (sentence: string) => void all.push(sentence)
  return {
    all,
    add,
    compare(what, found, wanted) {
      if (!isDeepStrictEqual(found, wanted))
        add(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`)
    },
  }
}
