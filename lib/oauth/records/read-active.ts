/** A session as it is in the store now, if it may still be used. */
import { TokenRevokedError } from '../../errors.ts'
import type { SessionRecords, StoredSession } from './records-contract.ts'

/**
 * The session as it is now.
 *
 * @throws TokenRevokedError when it has ended; StoreUnavailableError
 */
export async function readActive(
  { id, row }: StoredSession,
  sessions: Pick<SessionRecords, 'read'>,
): Promise<StoredSession> {
  const { did } = row.account
  const current = await sessions.read(id)
  if (!current) throw new TokenRevokedError(did, 'The session was signed out or has expired.')
  const { status } = current.row.lifecycle
  if (status.kind === 'active') return current
  const { reason } = status
  throw new TokenRevokedError(did, `The session needs a new sign-in (${reason}).`, { reason })
}
