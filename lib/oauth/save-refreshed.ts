/** Writing renewed tokens: the one write of this library that may not be lost. */
import { StoreUnavailableError, TokenRevokedError } from '../errors.ts'
import type { ClientContext } from './context.ts'
import type { SessionRow, StoredSession } from './records.ts'
import { revokeTokens } from './revoke.ts'

/** Pauses between the attempts while the store fails: ten seconds in all. */
const PAUSES_MS = [100, 300, 600, 1_000, 2_000, 3_000, 3_000]

/**
 * The session as written. When it was signed out meanwhile, the new tokens are revoked: sign-out wins.
 *
 * @throws TokenRevokedError when the session is gone; StoreUnavailableError after ten seconds of failures
 */
export async function saveRefreshed(
  session: StoredSession,
  row: SessionRow,
  context: ClientContext,
): Promise<StoredSession> {
  const written = await persist(() => context.sessions.update(session, row))
  if (written) return written
  const current = await persist(() => context.sessions.read(session.id))
  // The write may have succeeded although its answer was lost: then the row is ours.
  if (current?.row.status.kind === 'active') return current
  await revokeTokens(row, context)
  throw new TokenRevokedError(row.did, 'The session was signed out while its tokens were renewed.')
}

async function persist<T>(write: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return write()
}
