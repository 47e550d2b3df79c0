/** A map for what must not stay in memory for long, such as keys and tokens that were decrypted. */
import { BoundedMap } from './bounded-map.ts'

interface Entry<Value> {
  readonly value: Value
  /** By the clock of `performance.now()`, which no one sets. */
  readonly endsAt: number
}

/**
 * A map with a maximum number of entries, each of which is dropped some time after it was set, however often it was
 * read, and also when the map is not used any more. For Node.js only: its timer does not keep the process running.
 */
export class ExpiringMap<Key, Value> {
  readonly #entries: BoundedMap<Key, Entry<Value>>
  readonly #ttlMs: number
  #timer: NodeJS.Timeout | undefined

  /** @param limit maximum number of entries; beyond it, the one that was set longest ago is dropped */
  constructor(limit: number, ttlMs: number) {
    this.#entries = new BoundedMap(limit)
    this.#ttlMs = ttlMs
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    // A process that was suspended runs on before its timers do.
    return entry && entry.endsAt > performance.now() ? entry.value : undefined
  }

  set(key: Key, value: Value): void {
    this.#entries.set(key, { value, endsAt: performance.now() + this.#ttlMs })
    this.#timer ??= setTimeout(() => this.#dropEnded(), this.#ttlMs).unref()
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  #dropEnded(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const [key, { endsAt }] of this.#entries) {
      if (endsAt > now) {
        // All live equally long, so the others end later.
        this.#timer = setTimeout(() => this.#dropEnded(), endsAt - now).unref()
        return
      }
      this.#entries.delete(key)
    }
  }
}
