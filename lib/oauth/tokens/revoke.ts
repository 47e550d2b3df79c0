/** Telling the authorization server that tokens are not used any more (RFC 7009). */
import { importSigningKey } from '../../crypto/keyset.ts'
import { TokenRevokedError } from '../../errors.ts'
import type { ClientContext } from '../context.ts'
import type { SessionRow, StoredSession } from '../records/records.ts'
import { postToServer } from '../server/server-request.ts'
import { takeNewest } from './unsaved-tokens.ts'

/** How long a sign-out waits for the server. */
const PATIENCE_MS = 3_000

export type Revocable = Pick<
  SessionRow,
  'issuer' | 'revocationEndpoint' | 'dpopJwk' | 'clientKeyId' | 'accessToken' | 'refreshToken'
>

/**
 * Removes a session's row and then revokes its tokens: whatever the server does, the session is over here.
 *
 * @param onRemoved given the error for whoever still uses the session, as soon as its row is gone
 * @throws StoreUnavailableError when the row could not be removed
 */
export async function endSession(
  session: StoredSession,
  context: ClientContext,
  onRemoved: (cause: TokenRevokedError) => void = () => {},
): Promise<void> {
  const { id, row } = session
  const latest = await context.sessions.take(id)
  const cause = new TokenRevokedError(row.did, 'The session was signed out.', { reason: 'signed_out' })
  onRemoved(cause)
  // A session that was over before has been told of.
  if (latest?.status.kind === 'active') context.events.deleted(session, cause)
  await revokeTokens(takeNewest(id, latest ?? row, context), context)
}

/**
 * Revokes a session's tokens, as well as that goes within 3 s. Says whether the server answered 2xx; never
 * throws, because whoever calls has already forgotten the tokens.
 */
export async function revokeTokens(session: Revocable, context: ClientContext): Promise<boolean> {
  const { issuer, revocationEndpoint, clientKeyId } = session
  // The refresh token if there is one: it ends the whole grant (RFC 7009 §2.1).
  const token = session.refreshToken ?? session.accessToken
  if (revocationEndpoint === undefined || token === '') return false
  try {
    await postToServer(
      {
        issuer,
        endpoint: revocationEndpoint,
        dpopKey: await importSigningKey(session.dpopJwk),
        clientKeyId,
        params: { token },
        signal: AbortSignal.timeout(PATIENCE_MS),
      },
      context,
    )
    return true
  } catch {
    // The local session is gone in any case; the tokens end by themselves.
    return false
  }
}
