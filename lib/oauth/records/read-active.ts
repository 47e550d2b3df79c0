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
  return requireActive(current)
}

/** @throws TokenRevokedError with the reason when the session needs a new sign-in */
export function requireActive(session: StoredSession): StoredSession {
  const { account, lifecycle } = session.row
  if (lifecycle.status.kind === 'active') return session
  const { reason } = lifecycle.status
  throw new TokenRevokedError(account.did, `The session needs a new sign-in (${reason}).`, { reason })
}
