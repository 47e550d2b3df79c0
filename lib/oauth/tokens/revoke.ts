/** Ending sessions, and telling the authorization server that their tokens are not used any more (RFC 7009). */
import { forgetSigningKey, readSigningKey } from '../../crypto/keyset.ts'
import { TokenRevokedError } from '../../errors.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import { mapAFewAtATime } from '../records/list-load.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { SessionEvents } from '../records/session-events.ts'
import type { SessionKey } from '../records/session-row.ts'
import { postToServer, type ServerRequestDeps } from '../server/server-request.ts'
import { type TokenMemory, takeNewest } from './token-memory.ts'

/** How long a sign-out waits for the server. */
const SERVER_WAIT_MS = 3_000
/** In which time one sign-out begins all its revocations, a few at a time. */
const BEGIN_WITHIN_MS = 10_000
/** Beyond a hundred thousand sessions, the store of the application does not delete. */
const MAX_ROUNDS = 100

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
  await revokeTokens(await removeSession(session, deps, onRemoved), deps)
}

/**
 * Ends all sessions that `find` gives, until it gives none: a store lists at most a thousand at a time. All rows are
 * removed before the first revocation is sent, so that a slow server keeps no session alive here.
 *
 * @returns how many were ended, and how many of them the server was not told of: it did not answer 2xx, or there were
 *   too many for ten seconds
 * @throws StoreUnavailableError when a row could not be removed; those that could are revoked all the same
 */
export async function endSessions(
  find: () => Promise<readonly StoredSession[]>,
  deps: EndSessionDeps,
): Promise<{ readonly ended: number; readonly notRevoked: number }> {
  const removed: Revocable[] = []
  const remove = async (session: StoredSession) => removed.push(await removeSession(session, deps))
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const found = await find()
      if (found.length === 0) break
      const results = await Promise.allSettled(found.map(remove))
      const failure = results.find(({ status }) => status === 'rejected')
      if (failure?.status === 'rejected') throw failure.reason
    }
  } catch (error) {
    // Those that are gone are not found again by the next attempt.
    await revokeAll(removed, deps)
    throw error
  }
  const revoked = await revokeAll(removed, deps)
  return { ended: removed.length, notRevoked: removed.length - revoked }
}

/** How many were revoked. */
async function revokeAll(revocables: readonly Revocable[], deps: EndSessionDeps): Promise<number> {
  const endsAt = Date.now() + BEGIN_WITHIN_MS
  const results = await mapAFewAtATime(
    revocables,
    async (revocable) => Date.now() <= endsAt && (await revokeTokens(revocable, deps)),
  )
  return results.filter((wasRevoked) => wasRevoked).length
}

/** Removes a session's row; what has to be revoked then. */
async function removeSession(
  session: StoredSession,
  deps: EndSessionDeps,
  onRemoved: (cause: TokenRevokedError) => void = () => {},
): Promise<Revocable> {
  const { id, row } = session
  const latest = await deps.sessions.take(id)
  forgetSigningKey(row.key.dpopJwk)
  const cause = new TokenRevokedError(row.account.did, 'The session was signed out.', {
    reason: 'signed_out',
  })
  onRemoved(cause)
  // The end of a session that needed a new sign-in was reported when it began to need one.
  if (latest?.lifecycle.status.kind === 'active') deps.events.deleted(session, cause)
  return takeNewest(id, latest ?? row, deps.tokenMemory)
}

/**
 * Asks the server to revoke tokens, for 3 s at most. Returns whether it answered 2xx or there was nothing to revoke; never
 * throws, because the caller has already forgotten the tokens.
 */
export async function revokeTokens(
  { server, key, tokens }: Revocable,
  deps: ServerRequestDeps,
): Promise<boolean> {
  const { issuer, revocationEndpoint } = server
  // The refresh token if there is one: revoking it ends the whole grant (RFC 7009 §2.1).
  const token = tokens.refreshToken ?? tokens.accessToken
  if (token === '') return true
  if (revocationEndpoint === undefined) return false
  try {
    await postToServer(
      {
        issuer,
        endpoint: revocationEndpoint,
        dpopKey: await readSigningKey(key.dpopJwk),
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
