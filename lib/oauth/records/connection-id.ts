/**
 * Connections: sessions that an application holds for one of its own users, beside another sign-in. No browser has them,
 * and only their id finds them. The id itself says so, and not a field of the row: a version that does not know
 * connections may refresh one, and writes only the fields that it knows.
 */
import { randomToken } from '../../crypto/derive.ts'

/** Part of stored ids: never changes. The id of a sign-in has no dot. */
const PREFIX = 'connection.'

/** A new random id for a connection. */
export function newConnectionId(): string {
  return PREFIX + randomToken()
}

/** Whether the session with that id is a connection. */
export function isConnectionId(sessionId: string): boolean {
  return sessionId.startsWith(PREFIX)
}
