/** Collects all problems of a configuration, so that they are reported together and not one per deployment. */
import { ConfigurationError } from '../errors.ts'

export interface Problems {
  add(messages: readonly string[]): void
  /** The result of `read`; undefined when it threw a ConfigurationError, which is then added. */
  collect<T>(read: () => T): T | undefined
  /** `collect` for an asynchronous `read`. */
  collectAsync<T>(read: () => Promise<T>): Promise<T | undefined>
  /** @throws ConfigurationError with all problems, one line each, if there are any */
  throwIfAny(): void
}

export function createProblems(): Problems {
  const messages = new Set<string>()
  const collectError = (error: unknown) => {
    if (!(error instanceof ConfigurationError)) throw error
    messages.add(error.message)
    return undefined
  }
  return {
    add(added) {
      for (const message of added) messages.add(message)
    },
    collect(read) {
      try {
        return read()
      } catch (error) {
        return collectError(error)
      }
    },
    collectAsync: (read) => read().catch(collectError),
    throwIfAny() {
      const [first, ...more] = messages
      if (first === undefined) return
      if (more.length === 0) throw new ConfigurationError(first)
      const lines = [...messages].map((message) => `- ${message}`)
      throw new ConfigurationError([`${messages.size} configuration problems:`, ...lines].join('\n'))
    },
  }
}
