/** A store in the memory of this process, for tests and experiments. Its content is lost when the process ends. */
import type { Store } from './contract.ts'

/** Options of `createMemoryStore`. */
export interface MemoryStoreOptions {
  /**
   * Stores with the same name share their content within the process. Next.js needs this: it creates an instance of a
   * module for each bundle, and another one at each hot reload. Without a name, every store has content of its own.
   */
  readonly name?: string
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

interface Tables {
  readonly rows: Map<string, Row>
  readonly leases: Map<string, Lease>
  readonly counters: Map<string, Counter>
  readonly indexes: Map<string, Map<string, { readonly expiresAt: number }>>
}

/** The tables of a store, with reads and writes that respect expiry. */
interface Memory extends Tables {
  readonly now: () => number
  /** Returns the entry unless it has expired. */
  read<T extends { readonly expiresAt: number }>(entries: Map<string, T>, key: string): T | undefined
  /** Writes an entry, and from time to time removes expired ones. */
  write<T>(entries: Map<string, T>, key: string, entry: T): void
}

/** Number of writes between two removals of expired entries. */
const SWEEP_EVERY = 256
const MAX_MEMBERS = 1_000
const shared = Symbol.for('next-atproto-auth/memory-stores')

/**
 * Creates a store in memory. It is empty, unless `name` is that of an existing store: then it has the same content.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const memory = createMemory(tablesOf(options.name), options.now ?? Date.now)
  return {
    ...valueMethods(memory),
    ...indexMethods(memory),
    ...leaseMethods(memory),
    async ping() {},
    async close() {},
  }
}

function createMemory(tables: Tables, now: () => number): Memory {
  const { rows, leases, counters, indexes } = tables
  let writes = 0

  function removeExpired(): void {
    for (const table of [rows, leases, counters, ...indexes.values()]) {
      for (const [name, { expiresAt }] of table) if (expiresAt <= now()) table.delete(name)
    }
    for (const [name, { size }] of indexes) if (size === 0) indexes.delete(name)
  }

  return {
    ...tables,
    now,
    read(entries, key) {
      const entry = entries.get(key)
      return entry && entry.expiresAt > now() ? entry : undefined
    },
    write(entries, key, entry) {
      entries.set(key, entry)
      writes += 1
      if (writes % SWEEP_EVERY === 0) removeExpired()
    },
  }
}

function valueMethods({ rows, counters, now, read, write }: Memory) {
  return {
    async get(key) {
      const row = read(rows, key)
      return row && { value: row.value, generation: row.generation }
    },
    async set(key, value, ttlMs) {
      write(rows, key, { value, generation: 1, expiresAt: now() + ttlMs })
    },
    async take(key) {
      const row = read(rows, key)
      rows.delete(key)
      return row?.value
    },
    async update(key, value, generation, ttlMs) {
      if (read(rows, key)?.generation !== generation) return false
      write(rows, key, { value, generation: generation + 1, expiresAt: now() + ttlMs })
      return true
    },
    async delete(key, generation) {
      const row = read(rows, key)
      if (!row || (generation !== undefined && row.generation !== generation)) return false
      return rows.delete(key)
    },
    async increment(key, ttlMs) {
      const counter = read(counters, key) ?? { count: 0, expiresAt: now() + ttlMs }
      write(counters, key, { ...counter, count: counter.count + 1 })
      return counter.count + 1
    },
  } satisfies Partial<Store>
}

function indexMethods({ indexes, now, read, write }: Memory) {
  return {
    async addMember(index, member, ttlMs) {
      const members = indexes.get(index) ?? new Map()
      indexes.set(index, members)
      write(members, member, { expiresAt: now() + ttlMs })
    },
    async removeMember(index, member) {
      indexes.get(index)?.delete(member)
    },
    async members(index) {
      const members = indexes.get(index) ?? new Map()
      return [...members.keys()].filter((member) => read(members, member)).slice(0, MAX_MEMBERS)
    },
  } satisfies Partial<Store>
}

function leaseMethods({ leases, now, read, write }: Memory) {
  return {
    async lease(key, owner, ttlMs) {
      const held = read(leases, key)
      if (held && held.owner !== owner) return false
      write(leases, key, { owner, expiresAt: now() + ttlMs })
      return true
    },
    async release(key, owner) {
      if (leases.get(key)?.owner === owner) leases.delete(key)
    },
  } satisfies Partial<Store>
}

function tablesOf(name: string | undefined): Tables {
  const empty = { rows: new Map(), leases: new Map(), counters: new Map(), indexes: new Map() }
  if (name === undefined) return empty
  const holder: typeof globalThis & { [shared]?: Map<string, Tables> } = globalThis
  holder[shared] ??= new Map()
  const tables = holder[shared].get(name) ?? empty
  holder[shared].set(name, tables)
  return tables
}
