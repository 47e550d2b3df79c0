/** Ending sessions, and telling the authorization server that their tokens are not used any more (RFC 7009). */
import { importSigningKey } from '../../crypto/keyset.ts'
import { TokenRevokedError } from '../../errors.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { SessionEvents } from '../records/session-events.ts'
import type { SessionKey } from '../records/session-row.ts'
import { postToServer, type ServerRequestDeps } from '../server/server-request.ts'
import { type TokenMemory, takeNewest } from './token-memory.ts'

/** How long a sign-out waits for the server. */
const SERVER_WAIT_MS = 3_000

/** Tokens, and what it takes to revoke them. */
export interface Revocable {
  readonly server: AuthorizationServer
  readonly key: SessionKey
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string | undefined }
}

export interface EndSessionDeps extends ServerRequestDeps {
  readonly sessions: Pick<SessionRecords, 'take'>
  readonly events: Pick<SessionEvents, 'deleted'>
  readonly tokenMemory: Pick<TokenMemory, 'unsaved'>
}

/**
 * Removes a session's row and then revokes its tokens: whatever the server does, the session has ended here.
 *
 * @param onRemoved called with the error for those who still use the session, as soon as its row is gone
 * @throws StoreUnavailableError when the row could not be removed
 */
export async function endSession(
  session: StoredSession,
  deps: EndSessionDeps,
  onRemoved: (cause: TokenRevokedError) => void = () => {},
): Promise<void> {
  const { id, row } = session
  const latest = await deps.sessions.take(id)
  const cause = new TokenRevokedError(row.account.did, 'The session was signed out.', {
    reason: 'signed_out',
  })
  onRemoved(cause)
  // The end of a session that needed a new sign-in was reported when it began to need one.
  if (latest?.lifecycle.status.kind === 'active') deps.events.deleted(session, cause)
  await revokeTokens(takeNewest(id, latest ?? row, deps.tokenMemory), deps)
}

/**
 * Asks the server to revoke tokens, for 3 s at most. Returns whether it answered 2xx; never throws, because the caller
 * has already forgotten the tokens.
 */
export async function revokeTokens(
  { server, key, tokens }: Revocable,
  deps: ServerRequestDeps,
): Promise<boolean> {
  const { issuer, revocationEndpoint } = server
  // The refresh token if there is one: revoking it ends the whole grant (RFC 7009 §2.1).
  const token = tokens.refreshToken ?? tokens.accessToken
  if (revocationEndpoint === undefined || token === '') return false
  try {
    await postToServer(
      {
        issuer,
        endpoint: revocationEndpoint,
        dpopKey: await importSigningKey(key.dpopJwk),
        clientKeyId: key.clientKeyId,
        params: { token },
        signal: AbortSignal.timeout(SERVER_WAIT_MS),
      },
      deps,
    )
    return true
  } catch {
    // The local session is gone in any case; the tokens end by themselves.
    return false
  }
}
