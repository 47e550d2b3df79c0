/** A map that holds at most so many entries, for memory that strangers' requests fill. */

/** Setting a key makes it the newest; beyond the limit the entry that was set longest ago is dropped. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number

  /** @param limit how many entries are kept */
  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override set(key: Key, value: Value): this {
    // A map keeps the order of insertion, so the first key is the one that was set longest ago.
    this.delete(key)
    super.set(key, value)
    const oldest = this.size > this.#limit ? this.keys().next() : undefined
    if (oldest && !oldest.done) this.delete(oldest.value)
    return this
  }
}
