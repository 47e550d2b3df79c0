/** The end of a session at its server: a new sign-in is needed. */
import { TokenRevokedError } from '../../errors.ts'
import { readActive } from '../records/read-active.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { SessionEvents } from '../records/session-events.ts'
import { hasOtherTokens, type SessionRow, type StoredReauthReason } from '../records/session-row.ts'
import { withMarker } from './refresh-marker.ts'

export interface RequireReauthDeps {
  readonly sessions: Pick<SessionRecords, 'read' | 'update'>
  readonly events: Pick<SessionEvents, 'deleted'>
}

/**
 * Keeps the row, without tokens, so that the application can say why and to whom. When another process has written newer
 * tokens in the meantime, the session goes on with them.
 *
 * @throws TokenRevokedError
 */
export async function requireReauth(
  session: StoredSession,
  reason: StoredReauthReason,
  deps: RequireReauthDeps,
): Promise<StoredSession> {
  const row = withMarker(session.row, undefined)
  const ended: SessionRow = {
    ...row,
    tokens: { ...row.tokens, accessToken: '', refreshToken: undefined },
    lifecycle: { ...row.lifecycle, status: { kind: 'reauth_required', reason } },
  }
  if (!(await deps.sessions.update(session, ended))) {
    // The row has changed, if only because the session was used: read it again.
    const latest = await readActive(session, deps.sessions)
    return hasOtherTokens(latest.row, row) ? latest : requireReauth(latest, reason, deps)
  }
  const { issuer } = row.server
  const message = `The session needs a new sign-in (${reason}).`
  const error = new TokenRevokedError(row.account.did, message, { issuer, reason })
  deps.events.deleted(session, error)
  throw error
}
