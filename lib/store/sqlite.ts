/**
 * A store in one SQLite file (`node:sqlite`): the embedded default. Several processes on one machine may share
 * the file; it is not for network disks, nor for hosts whose disk does not outlive the request.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../errors.ts'
import type { Store } from './contract.ts'

export interface SqliteStoreOptions {
  /** The file, made with mode 0600 when it is missing; `:memory:` for tests. */
  readonly path: string
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: () => number
}

const SCHEMA_VERSION = 2
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, generation INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entry_expiry ON entry (expires_at);
  CREATE TABLE IF NOT EXISTS lease (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counter (
    key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS member (
    name TEXT NOT NULL, member TEXT NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (name, member)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};
`
const SWEEP_EVERY_MS = 60_000

/**
 * The store in that file, opened now.
 *
 * @throws StoreUnavailableError when the file cannot be made, read or written, or a newer version made it
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  // Whole milliseconds: the columns are integers.
  const now = () => Math.floor((options.now ?? Date.now)())
  const after = (ttlMs: number) => now() + Math.ceil(ttlMs)
  const db = guarded(() => open(options.path))
  const sql = guarded(() => prepare(db))
  let sweptAt = 0

  function sweep(): void {
    if (now() - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = now()
    for (const table of sql.sweeps) table.run(now())
  }

  // Every method is one statement, so each is atomic by itself, also between processes.
  return {
    async get(key) {
      const row = guarded(() => sql.get.get(key, now()))
      return row && { value: String(row.value), generation: Number(row.generation) }
    },
    async set(key, value, ttlMs) {
      guarded(() => {
        sweep()
        sql.set.run(key, value, after(ttlMs))
      })
    },
    async take(key) {
      const row = guarded(() => sql.take.get(key))
      return row && Number(row.expires_at) > now() ? String(row.value) : undefined
    },
    async update(key, value, generation, ttlMs) {
      return guarded(() => sql.update.run(value, after(ttlMs), key, generation, now()).changes) === 1
    },
    async delete(key, generation) {
      const row = guarded(() => sql.delete.get(key, generation ?? null, generation ?? null))
      return row !== undefined && Number(row.expires_at) > now()
    },
    async increment(key, ttlMs) {
      return guarded(() => {
        sweep()
        return Number(sql.increment.get(key, after(ttlMs), now())?.count)
      })
    },
    async addMember(index, member, ttlMs) {
      guarded(() => sql.addMember.run(index, member, after(ttlMs)))
    },
    async removeMember(index, member) {
      guarded(() => sql.removeMember.run(index, member))
    },
    async members(index) {
      return guarded(() => sql.members.all(index, now()).map(({ member }) => String(member)))
    },
    async lease(key, owner, ttlMs) {
      return guarded(() => sql.lease.run(key, owner, after(ttlMs), now()).changes) === 1
    },
    async release(key, owner) {
      guarded(() => sql.release.run(key, owner))
    },
    async ping() {
      // A write that changes nothing: no entry expired before time began.
      guarded(() => sql.sweeps[0].run(0))
    },
    async close() {
      if (db.isOpen) db.close()
    },
  }
}

function open(path: string): DatabaseSync {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    makePrivate(path)
  }
  const db = new DatabaseSync(path)
  try {
    initialise(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function makePrivate(path: string): void {
  try {
    chmodSync(path, 0o600)
  } catch {
    // Another user's file that we may write, on a mounted volume for instance: its rights are theirs to set.
  }
}

function initialise(db: DatabaseSync): void {
  // By pragma and first of all: switching to WAL needs the lock too, and Node 22.13 ignores the option.
  db.exec('PRAGMA busy_timeout = 5000')
  // Full synchronisation, the default, stays on: a rotated refresh token that a power cut undoes is a lost session.
  db.exec('PRAGMA journal_mode = WAL')
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (version > SCHEMA_VERSION)
    throw new Error(`the file has schema version ${version}, made by a newer release`)
  if (version < SCHEMA_VERSION) db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`)
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

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason'
    throw new StoreUnavailableError(
      `The SQLite session store failed: ${reason}. Check its path, rights and disk.`,
      {
        cause,
      },
    )
  }
}
