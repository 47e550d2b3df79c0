/** The file of the SQLite store: making it private, its tables, and what its failures mean. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../errors.ts'

/** The steps from an empty file to the newest schema; a file knows how many of them it has taken. */
const migrations: readonly string[] = [
  `CREATE TABLE entry (
     key TEXT PRIMARY KEY, value TEXT NOT NULL, generation INTEGER NOT NULL, expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX entry_expiry ON entry (expires_at);
   CREATE TABLE lease (
     key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE counter (
     key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX counter_expiry ON counter (expires_at);
   CREATE TABLE member (
     name TEXT NOT NULL, member TEXT NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (name, member)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX member_expiry ON member (expires_at);`,
]

/** What to do about the failures that somebody can do something about, by primary result code. */
const remedies: Readonly<Record<number, string>> = {
  5: 'Another process has kept it locked for too long.',
  8: 'The process must be allowed to write the file and its folder.',
  10: 'Is its disk full or broken? A network disk will not do.',
  11: 'Put back a backup, or move the file away: then everybody has to sign in again.',
  13: 'Its disk is full.',
  14: 'The process must be allowed to write the file and its folder.',
  26: 'Its path names a file of something else.',
}

/**
 * The database in that file, with the newest schema; made with mode 0600 when it is missing.
 *
 * @param path `:memory:` for one that is nowhere
 */
export function openDatabase(path: string): DatabaseSync {
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

/** What the work gives; a failure of it as StoreUnavailableError. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason'
    throw new StoreUnavailableError(`The SQLite session store failed: ${reason}. ${remedyFor(cause)}`, {
      cause,
    })
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
  if (stepsTaken(db) > migrations.length)
    throw new Error(`the file has schema version ${stepsTaken(db)}, made by a newer release`)
  if (stepsTaken(db) === migrations.length) return
  db.exec('BEGIN IMMEDIATE')
  // Read again: several processes may have come to this, and one of them was first.
  for (const step of migrations.slice(stepsTaken(db))) db.exec(step)
  db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`)
}

function stepsTaken(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

/** The primary result code is the lower byte of the extended one. */
function remedyFor(cause: unknown): string {
  const hasCode = cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number'
  return (hasCode && remedies[Number(cause.errcode) & 0xff]) || 'Check its path, rights and disk.'
}
