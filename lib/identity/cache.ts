/**
 * A bounded in-memory cache of look-ups. A result is kept for a while, a definite failure for a shorter while, and
 * callers that want the same thing at the same time share one look-up. The same file declares the cache that several
 * processes share, which `lib/oauth` builds on the session store.
 */
import { BoundedMap } from '../bounded-map.ts'
import { AtprotoAuthError } from '../errors.ts'

/** The options of one look-up. */
export interface LookupOptions {
  /**
   * Asks the servers again instead of using a cached answer; the new answer replaces the cached one. Used where tokens
   * depend on the answer. Default false.
   */
  readonly fresh?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RecallOptions extends LookupOptions {
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
}

export interface Cache<T> {
  /** The number of entries, including look-ups in progress. */
  readonly size: number
  /**
   * Returns the cached answer, or the answer of `load`. When one caller aborts its signal, the look-up goes on for the
   * other callers.
   *
   * @throws what `load` throws; a failure that is not retryable is cached too
   */
  recall(key: string, load: () => Promise<T>, options: RecallOptions): Promise<T>
}

/** A cache that several processes share. It may lose any entry at any time. */
export interface SharedCache {
  /**
   * Resolves to the unparsed value under the key, or to undefined when there is none or the read fails. Never rejects.
   */
  read(key: string): Promise<unknown>
  /** Stores a JSON value for `ttlMs`. Never rejects, even if the write fails. */
  write(key: string, value: unknown, ttlMs: number): Promise<void>
}

interface Entry<T> {
  readonly answer: Promise<T>
  /** Later look-ups have higher numbers. */
  readonly number: number
  /** Epoch milliseconds; infinite while the look-up is in progress. */
  expiresAt: number
}

const MAX_ENTRIES = 1_000
/** Anyone can type a name that does not exist, so failures are cached too. */
const FAILURE_MS = 30_000

/** Returns an empty cache. Beyond `maxEntries` (default 1,000) the least recently used entry is dropped. */
export function createCache<T>(ttlMs: number, maxEntries = MAX_ENTRIES): Cache<T> {
  const entries = new BoundedMap<string, Entry<T>>(maxEntries)
  let begun = 0

  function begin(key: string, load: () => Promise<T>, now: () => number): Entry<T> {
    begun += 1
    const entry: Entry<T> = { answer: load(), number: begun, expiresAt: Number.POSITIVE_INFINITY }
    const settle = (keptMs: number) => {
      entry.expiresAt = now() + keptMs
      const known = entries.get(key)
      // An older look-up never replaces a newer one, and a temporary failure never replaces a good answer.
      if (keptMs > 0 && known !== undefined && known.number < entry.number) entries.set(key, entry)
    }
    entry.answer.then(
      () => settle(ttlMs),
      (error: unknown) => settle(isDefinite(error) ? FAILURE_MS : 0),
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
      // A fresh look-up replaces the entry once it has an answer: until then other callers use the old one.
      entries.set(key, isGood ? known : entry)
      return untilAborted(entry.answer, signal)
    },
  }
}

/** Returns the answer through the cache; without a cache, that of `load`, which the caller's signal then aborts. */
export function recallFrom<T>(
  cache: Cache<T> | undefined,
  key: string,
  load: (signal?: AbortSignal) => Promise<T>,
  options: RecallOptions,
): Promise<T> {
  return cache ? cache.recall(key, () => load(), options) : load(options.signal)
}

/** Whether the failure says something about the name. A server that was down may be up again for the next attempt. */
function isDefinite(error: unknown): boolean {
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
