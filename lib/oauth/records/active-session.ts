/** A session as it is now, if it may still be used. */
import { TokenRevokedError } from '../../errors.ts'
import type { SessionRecords, StoredSession } from './records.ts'

/**
 * The session as it is now in the store.
 *
 * @throws TokenRevokedError when it is none any more
 */
export async function readActive(
  { id, row }: StoredSession,
  sessions: SessionRecords,
): Promise<StoredSession> {
  const current = await sessions.read(id)
  if (!current) throw new TokenRevokedError(row.did, 'The session was signed out or has expired.')
  if (current.row.status.kind === 'active') return current
  const { reason } = current.row.status
  throw new TokenRevokedError(row.did, `The session needs a new sign-in (${reason}).`, { reason })
}
