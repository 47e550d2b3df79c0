/** The session that an application asks for, by its account and perhaps its id. */
import { TokenRevokedError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import { requireActive } from './read-active.ts'
import type { SessionRecords, StoredSession } from './records-contract.ts'
import { latestOf } from './session-summary.ts'
import { unopenedError } from './unopened-sessions.ts'

/**
 * @param id default the account's sign-in whose tokens were issued last
 * @throws TokenRevokedError with a reason when the session has ended, without when there is none; ConfigurationError when
 *   the session with that id is stored and does not open; StoreUnavailableError
 */
export async function findSession(
  did: Did,
  id: string | undefined,
  sessions: Pick<SessionRecords, 'find' | 'list'>,
): Promise<StoredSession> {
  const stored = id === undefined ? latestOf(await sessions.list(did)) : await findById(did, id, sessions)
  if (stored?.row.account.did === did) return requireActive(stored)
  throw new TokenRevokedError(did, 'This session does not exist or has ended.')
}

async function findById(
  did: Did,
  id: string,
  sessions: Pick<SessionRecords, 'find'>,
): Promise<StoredSession | undefined> {
  const found = await sessions.find(id)
  if (found.kind === 'unopened') throw unopenedError(did, found.cause)
  return found.kind === 'found' ? found.session : undefined
}
