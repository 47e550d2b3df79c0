/**
 * What a failure of Redis means, in words that contain no credentials, keys or values. A missing answer is a failure
 * too.
 */
const NO_ANSWER = 'NO_ANSWER'

/** The error replies for which there is something to do. */
const remedies: Readonly<Record<string, string>> = {
  NOAUTH: 'it wants a password, but none was given',
  WRONGPASS: 'it refused the user, password or token',
  NOPERM: 'the user or token lacks permission; it must be allowed to run scripts (EVAL) and to write',
  READONLY: 'it is a read-only replica; connect to the primary',
  OOM: 'its memory is full (maxmemory); give it more memory, or let it evict keys',
  MISCONF: 'it accepts no writes because it cannot save to its disk',
  MOVED: 'it is a node of a cluster; pass a cluster client instead of a URL',
  ASK: 'it is a node of a cluster; pass a cluster client instead of a URL',
  CROSSSLOT: 'it is a node of a cluster; pass a cluster client instead of a URL',
  CLUSTERDOWN: 'its cluster is down',
  LOADING: 'it has just started and is still loading its data',
  MASTERDOWN: 'it is a replica that has lost its primary',
  BUSY: 'it is busy running another script',
  DENIED: 'it is in protected mode, which accepts connections from its own machine only',
}

/** Returns the code of an error reply, such as `READONLY`, or undefined when the server did not answer. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const text = replyText(error.message)
  // Older servers wrap an error inside a script in an ERR reply.
  const [, inner] = /^ERR .*?-([A-Z]{3,}) /.exec(text) ?? []
  return inner ?? /^([A-Z]{3,}) /.exec(text)?.[1]
}

/** Says why the server refused, as the second half of a sentence. */
export function describeReply(code: string): string {
  return remedies[code] ?? `it answered ${code}`
}

/** Whether a time limit was over. */
export function isNoAnswer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NO_ANSWER
}

/**
 * Says why there was no answer, with the system's error code if there is one; never with an address, which may hold
 * credentials.
 */
export function describeNoAnswer(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!('code' in cause) || typeof cause.code !== 'string') continue
    return cause.code === NO_ANSWER ? 'there was no answer in time' : `it cannot be reached (${cause.code})`
  }
  return 'the connection failed'
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

/** REST clients add words before the reply and the whole command after it. */
function replyText(message: string): string {
  return message.replace(/^Command (\d+ \[ \w+ \] )?failed: /, '').replace(/, command was: [\s\S]*$/, '')
}
