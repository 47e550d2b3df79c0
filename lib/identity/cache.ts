/**
 * A bounded memory of look-ups: what was found is kept for a while, what was not found for a shorter one, and
 * callers that want the same thing at the same time share one look-up. Beside it, the shelf: what one process
 * found, kept for all of them.
 */
import { AtprotoAuthError } from '../errors.ts'

/** How a look-up uses what is remembered. */
export interface RecallOptions {
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Passes over what is remembered, and remembers the new answer: where tokens depend on it. */
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
  /** Epoch milliseconds; infinite while the answer is under way. */
  expiresAt: number
}

const MAX_ENTRIES = 1_000
/** A name that leads nowhere is not asked for again at once: the visitor's word alone makes requests. */
const FAILURE_MS = 30_000

/** An empty cache of at most a thousand answers, or so many; the one used longest ago gives way. */
export function createCache<T>(ttlMs: number, maxEntries = MAX_ENTRIES): Cache<T> {
  const entries = new Map<string, Entry<T>>()

  function keep(key: string, entry: Entry<T>): void {
    entries.delete(key)
    entries.set(key, entry)
    const oldest = entries.size > maxEntries ? entries.keys().next().value : undefined
    if (oldest !== undefined) entries.delete(oldest)
  }

  function begin(key: string, load: () => Promise<T>, now: () => number): Entry<T> {
    const entry: Entry<T> = { answer: load(), expiresAt: Number.POSITIVE_INFINITY }
    const settle = (keptMs: number) => {
      entry.expiresAt = now() + keptMs
    }
    entry.answer.then(
      () => settle(ttlMs),
      (error: unknown) => settle(isAnswer(error) ? FAILURE_MS : 0),
    )
    keep(key, entry)
    return entry
  }

  return {
    get size() {
      return entries.size
    },
    recall(key, load, { now = Date.now, fresh = false, signal }) {
      const known = fresh ? undefined : entries.get(key)
      if (known === undefined || known.expiresAt <= now()) {
        return untilAborted(begin(key, load, now).answer, signal)
      }
      keep(key, known)
      return untilAborted(known.answer, signal)
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
