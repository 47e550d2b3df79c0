/** The file of the SQLite store: its permissions, its tables, and what its failures mean. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../errors.ts'

/** The steps from an empty file to the newest schema. The file stores how many of them were applied. */
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

/** What to do about a failure, by primary result code of SQLite. */
const remedies: Readonly<Record<number, string>> = {
  5: 'Another process has locked the file for too long.',
  8: 'The process must be allowed to write the file and its folder.',
  10: 'Is its disk full or broken? Network disks are not supported.',
  11: 'Restore a backup, or move the file away: then all users have to sign in again.',
  13: 'Its disk is full.',
  14: 'The process must be allowed to write the file and its folder.',
  26: 'The path leads to a file that is not a SQLite database.',
}

/**
 * Opens the database in that file and updates it to the newest schema. A missing file is created with mode 0600.
 *
 * @param path `:memory:` for a database without a file
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

/** Returns the result of the work, and converts its failure to StoreUnavailableError. */
export function orUnavailable<T>(work: () => T): T {
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
    // The file belongs to another user, on a mounted volume for instance: then its owner sets the permissions.
  }
}

function initialise(db: DatabaseSync): void {
  // A pragma, because Node 22.13 ignores the option. It comes first, because switching to WAL needs the lock too.
  db.exec('PRAGMA busy_timeout = 5000')
  // Full synchronisation, the default, stays on: if a power failure undid a refresh, the session would be lost.
  db.exec('PRAGMA journal_mode = WAL')
  if (stepsTaken(db) > migrations.length)
    throw new Error(`the file has schema version ${stepsTaken(db)}, created by a newer release`)
  if (stepsTaken(db) === migrations.length) return
  db.exec('BEGIN IMMEDIATE')
  // Read the version again: another process may have applied the steps before this one got the lock.
  for (const step of migrations.slice(stepsTaken(db))) db.exec(step)
  db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`)
}

function stepsTaken(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

/** The primary result code is the lower byte of the extended one. */
function remedyFor(cause: unknown): string {
  const hasCode = cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number'
  return (hasCode && remedies[Number(cause.errcode) & 0xff]) || 'Check its path, permissions and disk.'
}
