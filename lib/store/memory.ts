/** A store in this process's memory: for tests and trying out. Everything is gone with the process. */
import type { Store } from './contract.ts'

export interface MemoryStoreOptions {
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: () => number
}

interface Row {
  readonly value: string
  readonly generation: number
  readonly expiresAt: number
}

interface Counter {
  readonly count: number
  readonly expiresAt: number
}

interface Lease {
  readonly owner: string
  readonly expiresAt: number
}

/** How many writes lie between two sweeps of expired entries. */
const SWEEP_EVERY = 256
const MAX_MEMBERS = 1_000

/** An empty store. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const now = options.now ?? Date.now
  const rows = new Map<string, Row>()
  const leases = new Map<string, Lease>()
  const counters = new Map<string, Counter>()
  const indexes = new Map<string, Map<string, { readonly expiresAt: number }>>()
  let writes = 0

  function live<T extends { readonly expiresAt: number }>(
    entries: Map<string, T>,
    key: string,
  ): T | undefined {
    const entry = entries.get(key)
    return entry && entry.expiresAt > now() ? entry : undefined
  }

  function write(key: string, row: Row): void {
    rows.set(key, row)
    writes += 1
    if (writes % SWEEP_EVERY !== 0) return
    for (const entries of [rows, leases, counters, ...indexes.values()]) {
      for (const [name, { expiresAt }] of entries) if (expiresAt <= now()) entries.delete(name)
    }
    for (const [name, { size }] of indexes) if (size === 0) indexes.delete(name)
  }

  return {
    async get(key) {
      const row = live(rows, key)
      return row && { value: row.value, generation: row.generation }
    },
    async set(key, value, ttlMs) {
      write(key, { value, generation: 1, expiresAt: now() + ttlMs })
    },
    async take(key) {
      const row = live(rows, key)
      rows.delete(key)
      return row?.value
    },
    async update(key, value, generation, ttlMs) {
      if (live(rows, key)?.generation !== generation) return false
      write(key, { value, generation: generation + 1, expiresAt: now() + ttlMs })
      return true
    },
    async delete(key, generation) {
      const row = live(rows, key)
      if (!row || (generation !== undefined && row.generation !== generation)) return false
      return rows.delete(key)
    },
    async increment(key, ttlMs) {
      const counter = live(counters, key) ?? { count: 0, expiresAt: now() + ttlMs }
      counters.set(key, { ...counter, count: counter.count + 1 })
      return counter.count + 1
    },
    async addMember(index, member, ttlMs) {
      const members = indexes.get(index) ?? new Map()
      indexes.set(index, members.set(member, { expiresAt: now() + ttlMs }))
    },
    async removeMember(index, member) {
      indexes.get(index)?.delete(member)
    },
    async members(index) {
      const members = indexes.get(index) ?? new Map()
      return [...members.keys()].filter((member) => live(members, member)).slice(0, MAX_MEMBERS)
    },
    async lease(key, owner, ttlMs) {
      const held = live(leases, key)
      if (held && held.owner !== owner) return false
      leases.set(key, { owner, expiresAt: now() + ttlMs })
      return true
    },
    async release(key, owner) {
      if (leases.get(key)?.owner === owner) leases.delete(key)
    },
    async ping() {},
    async close() {},
  }
}
