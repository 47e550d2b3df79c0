/** Time limits for the operations of a store: how long it may take to answer. */

const NO_ANSWER = 'NO_ANSWER'

/** Whether a time limit was over. */
export function isNoAnswer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NO_ANSWER
}

/** A time limit for one operation, which may wait for several things one after the other. */
export interface TimeLimit {
  /**
   * Returns the result of the work, or rejects when it takes longer than is left, or than `maxMs`. The work itself is not
   * stopped.
   */
  within<T>(work: () => Promise<T>, maxMs?: number): Promise<T>
}

/** The longest that one look at the clock counts for. */
const STEP_MS = 100

/**
 * A limit in time during which this process could take an answer. While it is busy with other things, commands wait to be
 * sent and answers to be read, through no fault of the store: such a time counts as a tenth of a second.
 */
export function createTimeLimit(limitMs: number): TimeLimit {
  let leftMs = limitMs
  return {
    async within(work, maxMs = limitMs) {
      const { promise: limit, reject } = Promise.withResolvers<never>()
      const endMs = Math.max(0, leftMs - maxMs)
      let timer: ReturnType<typeof setTimeout> | undefined
      let begun = 0
      const step = () => {
        begun = performance.now()
        const stepMs = Math.max(1, Math.min(STEP_MS, leftMs - endMs))
        timer = setTimeout(() => {
          leftMs -= stepMs
          if (leftMs > endMs) step()
          // What has arrived is read before that.
          else
            setImmediate(
              reject,
              Object.assign(new Error('There was no answer in time.'), { code: NO_ANSWER }),
            )
        }, stepMs)
      }
      step()
      try {
        return await Promise.race([work(), limit])
      } finally {
        clearTimeout(timer)
        leftMs -= Math.min(STEP_MS, performance.now() - begun)
      }
    },
  }
}

/** Returns the result of the work, or rejects when it takes longer than `limitMs`. The work itself is not stopped. */
export function withinMs<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  return createTimeLimit(limitMs).within(work)
}
