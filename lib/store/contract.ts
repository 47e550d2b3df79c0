/**
 * The interface of a session store. The library seals values and hashes keys before they reach the store, so a store
 * only has to keep texts, atomically. Every driver runs the same contract tests.
 */

/** A value with its generation: 1 after `set`, increased by one with each `update`. */
export interface StoredValue {
  readonly value: string
  readonly generation: number
}

/**
 * A store for sessions and sign-ins in progress. Every method throws StoreUnavailableError when the store cannot be
 * reached or refuses the operation; it never reports "absent" or `false` instead. `ttlMs` is a time to live in
 * milliseconds from now; an expired value is absent.
 */
export interface Store {
  /** Resolves to the value, or to undefined when it is absent. */
  get(key: string): Promise<StoredValue | undefined>
  /** Writes a value as generation 1 and replaces any existing one. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Reads and removes a value in one atomic step: of several concurrent callers, only one gets it. */
  take(key: string): Promise<string | undefined>
  /**
   * Replaces a value if its generation is still `generation`, and increases the generation. Resolves to false when the
   * value has changed or is absent, so that a late writer cannot restore an old value.
   */
  update(key: string, value: string, generation: number, ttlMs: number): Promise<boolean>
  /** Removes a value; with `generation`, only if that is still its generation. Resolves to whether it was removed. */
  delete(key: string, generation?: number): Promise<boolean>
  /** Counts an event. Resolves to the number of events, including this one, since the first one within `ttlMs`. */
  increment(key: string, ttlMs: number): Promise<number>
  /**
   * Adds a member to an index, or extends its time to live. Indexes and values have separate namespaces: the same key
   * may be used for both.
   */
  addMember(index: string, member: string, ttlMs: number): Promise<void>
  /** Removes a member from an index, if it is there. */
  removeMember(index: string, member: string): Promise<void>
  /** Resolves to the members of an index that have not expired: at most 1,000, in no particular order. */
  members(index: string): Promise<readonly string[]>
  /**
   * Acquires or extends a lease. Resolves to true when `owner` now holds it for `ttlMs`, and to false while another
   * owner holds it. Leases and values have separate namespaces: the same key may be used for both.
   */
  lease(key: string, owner: string, ttlMs: number): Promise<boolean>
  /** Releases a lease early, if `owner` still holds it. */
  release(key: string, owner: string): Promise<void>
  /** Resolves when the store can read and write. */
  ping(): Promise<void>
  /** Closes files and connections. The store must not be used afterwards. */
  close(): Promise<void>
}
