/** Writing renewed tokens: the one write of this library that may not be lost. */
import { StoreUnavailableError, TokenRefreshError, TokenRevokedError } from '../../errors.ts'
import type { ClientContext } from '../context.ts'
import { isSameSignIn, type SessionRow, type StoredSession } from '../records/records.ts'
import { revokeTokens } from './revoke.ts'
import { keepUnsaved } from './unsaved-tokens.ts'

/** Pauses between the attempts while the store fails: ten seconds in all. */
const PAUSES_MS = [100, 300, 600, 1_000, 2_000, 3_000, 3_000]
/** How often a row may change under the write: only notes of its use do that while the lock is held. */
const MAX_CONFLICTS = 5

/**
 * The session as written. When it was signed out meanwhile, the new tokens are revoked: sign-out wins. So does a new
 * sign-in that took its place, which is then the answer.
 *
 * @throws TokenRevokedError when the session is gone; StoreUnavailableError after ten seconds of failures, when
 *   this process keeps the tokens and writes them before the next refresh
 */
export async function saveRefreshed(
  session: StoredSession,
  row: SessionRow,
  context: ClientContext,
): Promise<StoredSession> {
  try {
    const saved = await persist(() => write(session, row, context))
    context.unsaved.delete(session.id)
    return saved
  } catch (error) {
    if (error instanceof StoreUnavailableError) keepUnsaved(session.id, row, context)
    throw error
  }
}

/** The session, with the tokens that this process could not write before, if they are newer. */
export async function saveUnsaved(session: StoredSession, context: ClientContext): Promise<StoredSession> {
  const row = context.unsaved.get(session.id)
  if (!row) return session
  const isOurs = isSameSignIn(row, session.row)
  if (isOurs && row.rotation > session.row.rotation) return saveRefreshed(session, row, context)
  context.unsaved.delete(session.id)
  if (!isOurs) context.waitUntil(revokeTokens(row, context))
  return session
}

async function write(
  session: StoredSession,
  row: SessionRow,
  context: ClientContext,
): Promise<StoredSession> {
  let current: StoredSession | undefined = session
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const written = await context.sessions.update(current, row)
    if (written) {
      context.events.updated(written)
      return written
    }
    current = await context.sessions.read(session.id)
    if (current?.row.status.kind !== 'active') {
      await revokeTokens(row, context)
      throw new TokenRevokedError(row.did, 'The session was signed out while its tokens were renewed.')
    }
    // A new sign-in has taken the session's place: nobody is left to use these tokens.
    if (!isSameSignIn(current.row, row)) {
      await revokeTokens(row, context)
      return current
    }
    // The write may have succeeded although its answer was lost: then the row is ours.
    if (current.row.rotation >= row.rotation) return current
  }
  throw new TokenRefreshError(row.did, 'The session kept changing while its tokens were to be stored.')
}

async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return work()
}
