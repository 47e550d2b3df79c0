/**
 * A store in one SQLite file (`node:sqlite`), the default. Several processes on one machine may share the file. Do not
 * use it on network disks, or on hosts whose disk is lost after a request.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Store } from './contract.ts'
import { openDatabase, orUnavailable } from './sqlite-file.ts'

/** Options of `createSqliteStore`. */
export interface SqliteStoreOptions {
  /** Path of the file, created with mode 0600 if it is missing; `:memory:` for tests. */
  readonly path: string
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: () => number
}

const SWEEP_EVERY_MS = 60_000

/**
 * Creates a store in a SQLite file and opens the file at once.
 *
 * @throws StoreUnavailableError when the file cannot be created, read or written, or a newer version of this package
 *   created it
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  const db = orUnavailable(() => openDatabase(options.path))
  const file = createStoreFile(
    db,
    orUnavailable(() => prepare(db)),
    options.now ?? Date.now,
  )
  // Each method is one SQL statement and therefore atomic, also between processes.
  return {
    ...valueMethods(file),
    ...indexMethods(file),
    ...leaseMethods(file),
    async ping() {
      // A write that changes nothing: no entry expires at time 0.
      orUnavailable(() => file.sql.sweeps[0].run(0))
    },
    async close() {
      if (db.isOpen) db.close()
    },
  }
}

/** The prepared statements of a file, with the time in whole milliseconds, because the columns are integers. */
interface StoreFile {
  readonly sql: ReturnType<typeof prepare>
  now(): number
  /** The time at which a value with that time to live expires. */
  expiryOf(ttlMs: number): number
  /** Removes expired entries, at most once a minute. */
  sweep(): void
  /**
   * Does writes that need not outlive a power failure, and so do not wait for the disk. They outlive the process, and all
   * processes see them.
   */
  withoutDisk<T>(work: () => T): T
}

function createStoreFile(db: DatabaseSync, sql: StoreFile['sql'], clock: () => number): StoreFile {
  const now = () => Math.floor(clock())
  let sweptAt = 0
  return {
    sql,
    now,
    expiryOf: (ttlMs) => now() + Math.ceil(ttlMs),
    sweep() {
      if (now() - sweptAt < SWEEP_EVERY_MS) return
      sweptAt = now()
      for (const table of sql.sweeps) table.run(now())
    },
    withoutDisk(work) {
      db.exec('PRAGMA synchronous = NORMAL')
      try {
        return work()
      } finally {
        db.exec('PRAGMA synchronous = FULL')
      }
    },
  }
}

function valueMethods({ sql, now, expiryOf, sweep }: StoreFile) {
  return {
    async get(key) {
      const row = orUnavailable(() => sql.get.get(key, now()))
      return row && { value: String(row.value), generation: Number(row.generation) }
    },
    async set(key, value, ttlMs) {
      orUnavailable(() => {
        sweep()
        sql.set.run(key, value, expiryOf(ttlMs))
      })
    },
    async take(key) {
      const row = orUnavailable(() => sql.take.get(key))
      return row && Number(row.expires_at) > now() ? String(row.value) : undefined
    },
    async update(key, value, generation, ttlMs) {
      return orUnavailable(() => {
        sweep()
        return sql.update.run(value, expiryOf(ttlMs), key, generation, now()).changes === 1
      })
    },
    async delete(key, generation) {
      const row = orUnavailable(() => sql.delete.get(key, generation ?? null, generation ?? null))
      return row !== undefined && Number(row.expires_at) > now()
    },
    async increment(key, ttlMs) {
      return orUnavailable(() => {
        sweep()
        return Number(sql.increment.get(key, expiryOf(ttlMs), now())?.count)
      })
    },
  } satisfies Partial<Store>
}

function indexMethods({ sql, now, expiryOf }: StoreFile) {
  return {
    async addMember(index, member, ttlMs) {
      orUnavailable(() => sql.addMember.run(index, member, expiryOf(ttlMs)))
    },
    async removeMember(index, member) {
      orUnavailable(() => sql.removeMember.run(index, member))
    },
    async members(index) {
      return orUnavailable(() => sql.members.all(index, now()).map(({ member }) => String(member)))
    },
  } satisfies Partial<Store>
}

/** After a power failure no process is left that could hold a lease. */
function leaseMethods({ sql, now, expiryOf, withoutDisk }: StoreFile) {
  return {
    async lease(key, owner, ttlMs) {
      const acquire = () => sql.lease.run(key, owner, expiryOf(ttlMs), now()).changes
      return orUnavailable(() => withoutDisk(acquire)) === 1
    },
    async release(key, owner) {
      orUnavailable(() => withoutDisk(() => sql.release.run(key, owner)))
    },
  } satisfies Partial<Store>
}

function prepare(db: DatabaseSync) {
  return {
    get: db.prepare('SELECT value, generation FROM entry WHERE key = ? AND expires_at > ?'),
    set: db.prepare(
      `INSERT INTO entry (key, value, generation, expires_at) VALUES (?, ?, 1, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, generation = 1, expires_at = excluded.expires_at`,
    ),
    take: db.prepare('DELETE FROM entry WHERE key = ? RETURNING value, expires_at'),
    update: db.prepare(
      `UPDATE entry SET value = ?, expires_at = ?, generation = generation + 1
       WHERE key = ? AND generation = ? AND expires_at > ?`,
    ),
    lease: db.prepare(
      `INSERT INTO lease (key, owner, expires_at) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
       WHERE lease.owner = excluded.owner OR lease.expires_at <= ?`,
    ),
    release: db.prepare('DELETE FROM lease WHERE key = ? AND owner = ?'),
    delete: db.prepare(
      'DELETE FROM entry WHERE key = ? AND (? IS NULL OR generation = ?) RETURNING expires_at',
    ),
    increment: db.prepare(
      `INSERT INTO counter (key, count, expires_at) VALUES (?1, 1, ?2)
       ON CONFLICT (key) DO UPDATE SET
         count = CASE WHEN expires_at > ?3 THEN count + 1 ELSE 1 END,
         expires_at = CASE WHEN expires_at > ?3 THEN expires_at ELSE ?2 END
       RETURNING count`,
    ),
    addMember: db.prepare(
      `INSERT INTO member (name, member, expires_at) VALUES (?, ?, ?)
       ON CONFLICT (name, member) DO UPDATE SET expires_at = excluded.expires_at`,
    ),
    removeMember: db.prepare('DELETE FROM member WHERE name = ? AND member = ?'),
    members: db.prepare('SELECT member FROM member WHERE name = ? AND expires_at > ? LIMIT 1000'),
    sweeps: [
      db.prepare('DELETE FROM entry WHERE expires_at <= ?'),
      db.prepare('DELETE FROM lease WHERE expires_at <= ?'),
      db.prepare('DELETE FROM counter WHERE expires_at <= ?'),
      db.prepare('DELETE FROM member WHERE expires_at <= ?'),
    ] as const,
  }
}
