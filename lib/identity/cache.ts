/**
 * A bounded memory of look-ups: what was found is kept for a while, what was not found for a shorter one, and
 * callers that want the same thing at the same time share one look-up. Beside it, the shelf: what one process
 * found, kept for all of them.
 */
import { BoundedMap } from '../bounded-map.ts'
import { AtprotoAuthError } from '../errors.ts'

/** How a look-up uses what is remembered. */
export interface RecallOptions {
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Passes over what is remembered, and remembers the new answer if there is one: where tokens depend on it. */
  readonly fresh?: boolean | undefined
}

export interface Cache<T> {
  /** How many answers are kept, those under way included. */
  readonly size: number
  /**
   * The remembered answer, or that of `load`. A caller that gives up by `signal` ends neither the look-up nor
   * the waiting of others.
   *
   * @throws what `load` throws; a failure that is an answer is remembered too
   */
  recall(
    key: string,
    load: () => Promise<T>,
    options: RecallOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<T>
}

/** Where processes leave each other what servers said. It may lose anything at any time. */
export interface Shelf {
  /** What was left under that key, to be parsed; undefined when there is none or it cannot be had. Never rejects. */
  read(key: string): Promise<unknown>
  /** Leaves a value of JSON for `ttlMs`. Resolves whether or not that worked. */
  write(key: string, value: unknown, ttlMs: number): Promise<void>
}

interface Entry<T> {
  readonly answer: Promise<T>
  /** Later look-ups have higher numbers. */
  readonly number: number
  /** Epoch milliseconds; infinite while the answer is under way. */
  expiresAt: number
}

const MAX_ENTRIES = 1_000
/** A name that leads nowhere is not asked for again at once: the visitor's word alone makes requests. */
const FAILURE_MS = 30_000

/** An empty cache of at most a thousand answers, or so many; the one used longest ago gives way. */
export function createCache<T>(ttlMs: number, maxEntries = MAX_ENTRIES): Cache<T> {
  const entries = new BoundedMap<string, Entry<T>>(maxEntries)
  let begun = 0

  function begin(key: string, load: () => Promise<T>, now: () => number): Entry<T> {
    begun += 1
    const entry: Entry<T> = { answer: load(), number: begun, expiresAt: Number.POSITIVE_INFINITY }
    const settle = (keptMs: number) => {
      entry.expiresAt = now() + keptMs
      const known = entries.get(key)
      // Nothing takes the place of what was asked for later, and a server that was down not that of a good answer.
      if (keptMs > 0 && known !== undefined && known.number < entry.number) entries.set(key, entry)
    }
    entry.answer.then(
      () => settle(ttlMs),
      (error: unknown) => settle(isAnswer(error) ? FAILURE_MS : 0),
    )
    return entry
  }

  return {
    get size() {
      return entries.size
    },
    recall(key, load, { now = Date.now, fresh = false, signal }) {
      const known = entries.get(key)
      const isGood = known !== undefined && known.expiresAt > now()
      const entry = isGood && !fresh ? known : begin(key, load, now)
      // A fresh look-up takes its place once it has an answer: until then the others have the one before.
      entries.set(key, isGood ? known : entry)
      return untilAborted(entry.answer, signal)
    },
  }
}

/** The answer by way of a cache; without one that of `load`, which then ends with the caller's signal. */
export function recallFrom<T>(
  cache: Cache<T> | undefined,
  key: string,
  load: (signal?: AbortSignal) => Promise<T>,
  options: Parameters<Cache<T>['recall']>[2],
): Promise<T> {
  return cache ? cache.recall(key, () => load(), options) : load(options.signal)
}

/** Whether the failure says something of the name; a server that was down may be up again for the next try. */
function isAnswer(error: unknown): boolean {
  return error instanceof AtprotoAuthError && !error.retryable
}

async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
