/** The accounts that users have connected. */
import { randomUUID } from 'node:crypto'
import { openDatabase } from './database'

export interface Connection {
  /** Names it in pages and forms. */
  readonly id: string
  /** The user of Better Auth. */
  readonly userId: string
  readonly did: string
  /** A secret: it gives access to the account. */
  readonly sessionId: string
}

export function saveConnection({ userId, did, sessionId }: Omit<Connection, 'id'>): void {
  openTable().prepare('INSERT INTO connection VALUES (?, ?, ?, ?)').run(randomUUID(), userId, did, sessionId)
}

/** The newest last. */
export function allConnections(): readonly Connection[] {
  return openTable()
    .prepare('SELECT * FROM connection ORDER BY rowid')
    .all()
    .map(({ id, userId, did, sessionId }) => ({
      id: String(id),
      userId: String(userId),
      did: String(did),
      sessionId: String(sessionId),
    }))
}

export function connectionsOf(userId: string): readonly Connection[] {
  return allConnections().filter((connection) => connection.userId === userId)
}

export function removeConnection({ id }: Connection): void {
  openTable().prepare('DELETE FROM connection WHERE id = ?').run(id)
}

function openTable() {
  const database = openDatabase()
  database.exec(
    'CREATE TABLE IF NOT EXISTS connection (id TEXT PRIMARY KEY, userId TEXT, did TEXT, sessionId TEXT)',
  )
  return database
}
