/** The accounts that users have connected. */
import { randomUUID } from 'node:crypto'
import { openDatabase } from './database'

export interface Connection {
  /** Names it in pages and forms. */
  readonly id: string
  /** The user of Better Auth. */
  readonly userId: string
  readonly did: string
  /** Stays on the server. */
  readonly sessionId: string
  /** Whether the user has to connect the account again. */
  readonly isEnded: boolean
}

/** One for each account of a user: connecting it again replaces what was stored. */
export function saveConnection({ userId, did, sessionId }: Omit<Connection, 'id' | 'isEnded'>): void {
  openTable()
    .prepare('INSERT OR REPLACE INTO connection (id, userId, did, sessionId) VALUES (?, ?, ?, ?)')
    .run(randomUUID(), userId, did, sessionId)
}

/** The newest last. */
export function allConnections(): readonly Connection[] {
  return openTable()
    .prepare('SELECT * FROM connection ORDER BY rowid')
    .all()
    .map(({ id, userId, did, sessionId, endedAt }) => ({
      id: String(id),
      userId: String(userId),
      did: String(did),
      sessionId: String(sessionId),
      isEnded: endedAt !== null,
    }))
}

export function connectionsOf(userId: string): readonly Connection[] {
  return allConnections().filter((connection) => connection.userId === userId)
}

/** By the session: the account may have been connected again in the meantime. */
export function endConnection({ sessionId }: Pick<Connection, 'sessionId'>): void {
  openTable()
    .prepare('UPDATE connection SET endedAt = ? WHERE sessionId = ? AND endedAt IS NULL')
    .run(new Date().toISOString(), sessionId)
}

export function removeConnection({ id }: Pick<Connection, 'id'>): void {
  openTable().prepare('DELETE FROM connection WHERE id = ?').run(id)
}

function openTable() {
  const database = openDatabase()
  database.exec(
    `CREATE TABLE IF NOT EXISTS connection (
       id TEXT PRIMARY KEY,
       userId TEXT NOT NULL,
       did TEXT NOT NULL,
       sessionId TEXT NOT NULL,
       endedAt TEXT,
       UNIQUE (userId, did)
     )`,
  )
  return database
}
