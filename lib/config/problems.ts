/** Everything that is wrong with a configuration, said at once: nobody likes to mend it one deployment at a time. */
import { ConfigurationError } from '../errors.ts'

export interface Complaints {
  add(messages: readonly string[]): void
  /** The result of a check; undefined when it complained. */
  check<T>(work: () => T): T | undefined
  /** The same for a check that takes time. */
  wait<T>(work: () => Promise<T>): Promise<T | undefined>
  /** @throws ConfigurationError with all that was complained of, one line each */
  throwIfAny(): void
}

export function createComplaints(): Complaints {
  const all = new Set<string>()
  const take = (error: unknown) => {
    if (!(error instanceof ConfigurationError)) throw error
    all.add(error.message)
    return undefined
  }
  return {
    add: (messages) => {
      for (const message of messages) all.add(message)
    },
    check(work) {
      try {
        return work()
      } catch (error) {
        return take(error)
      }
    },
    wait: (work) => work().catch(take),
    throwIfAny() {
      const [first, ...more] = all
      if (first === undefined) return
      if (more.length === 0) throw new ConfigurationError(first)
      throw new ConfigurationError(
        [`${all.size} things have to be mended:`, ...[...all].map((message) => `- ${message}`)].join('\n'),
      )
    },
  }
}
