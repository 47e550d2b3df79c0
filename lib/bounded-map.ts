/** A map with a maximum number of entries, for caches that anyone's requests can fill. */

/** Setting a key makes it the newest entry. Beyond the limit, the entry that was set longest ago is dropped. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number

  /** @param limit maximum number of entries */
  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override set(key: Key, value: Value): this {
    // A Map keeps its keys in the order of insertion, so the first key was set longest ago.
    this.delete(key)
    super.set(key, value)
    const oldest = this.size > this.#limit ? this.keys().next() : undefined
    if (oldest && !oldest.done) this.delete(oldest.value)
    return this
  }
}
