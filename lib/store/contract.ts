/**
 * What a session store promises. Values are sealed text and keys hold no DID in clear before they get here; a
 * store only has to keep them, atomically. One contract test suite runs on every driver.
 */

/** A value with the number of its writing: 1 when set, one more at each update. */
export interface StoredValue {
  readonly value: string
  readonly generation: number
}

/**
 * Every method throws StoreUnavailableError when the store cannot be reached or refuses; it never answers
 * "absent" or "no" instead. Times to live are in milliseconds from now; an expired value is absent.
 */
export interface Store {
  /** The value, or undefined when it is absent. */
  get(key: string): Promise<StoredValue | undefined>
  /** Writes a value as generation 1, over whatever was there. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Reads and removes a value in one atomic step: of several callers one gets it. */
  take(key: string): Promise<string | undefined>
  /**
   * Replaces a value whose generation is still `generation`, and counts it up. False when it has moved on or is
   * gone: a late writer brings nothing back.
   */
  update(key: string, value: string, generation: number, ttlMs: number): Promise<boolean>
  /** Removes a value, with `generation` only if it is still that one; whether it was removed. */
  delete(key: string, generation?: number): Promise<boolean>
  /** Counts an event: how many there were since the first within `ttlMs`, this one included. */
  increment(key: string, ttlMs: number): Promise<number>
  /**
   * Puts a member into the index of that name, or renews its time to live. Indexes live beside the values: a
   * key may have both.
   */
  addMember(index: string, member: string, ttlMs: number): Promise<void>
  /** Takes a member out of an index, if it is there. */
  removeMember(index: string, member: string): Promise<void>
  /** The members of an index that have not expired, at most a thousand, in no order. */
  members(index: string): Promise<readonly string[]>
  /**
   * Takes or renews a lease: true when `owner` holds it from now for `ttlMs`, false while another does.
   * Leases live beside the values: a key may have both.
   */
  lease(key: string, owner: string, ttlMs: number): Promise<boolean>
  /** Ends a lease early, if `owner` still holds it. */
  release(key: string, owner: string): Promise<void>
  /** Resolves when the store can read and write. */
  ping(): Promise<void>
  /** Gives back files and connections; the store is not used afterwards. */
  close(): Promise<void>
}
