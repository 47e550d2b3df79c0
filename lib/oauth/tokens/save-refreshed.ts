/** Writing refreshed tokens: the one write of this library that must not be lost. */
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreUnavailableError, TokenRefreshError, TokenRevokedError } from '../../errors.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { SessionEvents } from '../records/session-events.ts'
import { isSameSignIn, type SessionRow } from '../records/session-row.ts'
import type { ServerRequestDeps } from '../server/server-request.ts'
import { revokeTokens } from './revoke.ts'
import type { TokenMemory } from './token-memory.ts'

export interface SaveRefreshedDeps extends ServerRequestDeps {
  readonly sessions: Pick<SessionRecords, 'read' | 'update'>
  readonly events: Pick<SessionEvents, 'updated'>
  readonly tokenMemory: Pick<TokenMemory, 'unsaved'>
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Pauses between the attempts while the store fails: ten seconds in all. */
const PAUSES_MS = [100, 300, 600, 1_000, 2_000, 3_000, 3_000]
/** How often a row may change under the write: while the lock is held, only records of its use do that. */
const MAX_CONFLICTS = 5

/**
 * The session as written. If it was signed out in the meantime, sign-out wins and the new tokens are revoked. If a new
 * sign-in replaced the session, the new tokens are revoked and that session is returned.
 *
 * @throws TokenRevokedError when the session is gone; StoreUnavailableError after ten seconds of failures: then this
 *   process keeps the tokens and writes them before the next refresh
 */
export async function saveRefreshed(
  session: StoredSession,
  row: SessionRow,
  deps: SaveRefreshedDeps,
): Promise<StoredSession> {
  const { unsaved } = deps.tokenMemory
  try {
    const saved = await persist(() => write(session, row, deps))
    unsaved.delete(session.id)
    return saved
  } catch (error) {
    if (error instanceof StoreUnavailableError) unsaved.set(session.id, row)
    throw error
  }
}

/** The session, with the tokens that this process could not write before, if they are newer. */
export async function saveUnsaved(session: StoredSession, deps: SaveRefreshedDeps): Promise<StoredSession> {
  const { unsaved } = deps.tokenMemory
  const row = unsaved.get(session.id)
  if (!row) return session
  const isOurs = isSameSignIn(row, session.row)
  if (isOurs && row.tokens.rotation > session.row.tokens.rotation) return saveRefreshed(session, row, deps)
  unsaved.delete(session.id)
  if (!isOurs) deps.waitUntil(revokeTokens(row, deps))
  return session
}

async function write(
  session: StoredSession,
  row: SessionRow,
  deps: SaveRefreshedDeps,
): Promise<StoredSession> {
  const { did } = row.account
  let current: StoredSession | undefined = session
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const written = await deps.sessions.update(current, row)
    if (written) {
      deps.events.updated(written)
      return written
    }
    current = await deps.sessions.read(session.id)
    if (current?.row.lifecycle.status.kind !== 'active') {
      await revokeTokens(row, deps)
      throw new TokenRevokedError(did, 'The session was signed out while its tokens were refreshed.')
    }
    // A new sign-in has taken the session's place, so these tokens have no user.
    if (!isSameSignIn(current.row, row)) {
      await revokeTokens(row, deps)
      return current
    }
    // The write may have succeeded although its answer was lost: then the row is ours.
    if (current.row.tokens.rotation >= row.tokens.rotation) return current
  }
  throw new TokenRefreshError(did, 'The session kept changing while its tokens were being stored.')
}

async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      await sleep(pause)
    }
  }
  return work()
}
