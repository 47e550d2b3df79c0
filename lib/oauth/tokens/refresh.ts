/**
 * Refreshing tokens (RFC 6749 §6). A refresh token works once, and a second use of it ends the session at the server. So
 * one caller of all processes refreshes, under a lock and after reading the row again; the others wait for what it
 * writes. Checks come before the request; after it, nothing is aborted or thrown away.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readActive } from '../records/read-active.ts'
import type { StoredSession } from '../records/records-contract.ts'
import { hasOtherTokens, type SessionRow } from '../records/session-row.ts'
import type { TokenSet } from '../server/token-response.ts'
import type { Trace } from '../trace.ts'
import { type RedeemDeps, redeemRefreshToken, respectPause } from './redeem-refresh-token.ts'
import type { RefreshLock } from './refresh-lock.ts'
import { isMarked, waitUntilUnmarked, writeMarker } from './refresh-marker.ts'
import { type RequireReauthDeps, requireReauth } from './require-reauth.ts'
import { revokeTokens } from './revoke.ts'
import { type SaveRefreshedDeps, saveRefreshed, saveUnsaved } from './save-refreshed.ts'
import type { TokenMemory } from './token-memory.ts'
import { type IssuerVerification, type VerifyIssuerDeps, verifyIssuer } from './verify-issuer.ts'

export type RefreshDeps = RedeemDeps &
  RequireReauthDeps &
  SaveRefreshedDeps &
  VerifyIssuerDeps & {
    readonly refreshLock: RefreshLock
    readonly tokenMemory: Pick<TokenMemory, 'refreshes'>
    readonly trace: Trace
  }

const MAX_LEEWAY_MS = 30_000
/** Where no lock holds processes apart, another one may be about to store what it got for the same token. */
const SETTLE_MS = 1_000

/**
 * Whether a refresh is due: within 30 s of the end, or within the last tenth of the token's life if that is shorter.
 */
export function isStale(
  { issuedAt, expiresAt }: { readonly issuedAt: number; readonly expiresAt?: number | undefined },
  now: number,
): boolean {
  if (expiresAt === undefined) return false
  return expiresAt - Math.min(MAX_LEEWAY_MS, (expiresAt - issuedAt) / 10) <= now
}

/**
 * The session with tokens newer than those of `session`, refreshed here or by the process that was first.
 *
 * @throws TokenRevokedError when the session has ended; TokenRefreshError when it could not be refreshed now and is
 *   kept; ConfigurationError when its client key is missing, and it is kept
 */
export async function refreshSession(session: StoredSession, deps: RefreshDeps): Promise<StoredSession> {
  const { refreshes } = deps.tokenMemory
  const key = refreshKey(session)
  const running = refreshes.get(key)
  if (running) {
    const result = await running
    if (hasOtherTokens(result.row, session.row)) return result
  }
  const server = { 'server.address': new URL(session.row.server.tokenEndpoint).host }
  const refresh = deps.trace('atproto.refresh', server, () =>
    deps.refreshLock.run(session, () => refreshAlone(session, deps)),
  )
  refreshes.set(key, refresh)
  // Its caller may give up; a host that stops or freezes the process has to wait until the new tokens are stored.
  deps.waitUntil(
    refresh.then(
      () => undefined,
      () => undefined,
    ),
  )
  try {
    return await refresh
  } finally {
    if (refreshes.get(key) === refresh) refreshes.delete(key)
  }
}

/**
 * The session with its newest tokens, once no refresh of it is under way that this process or the refresh lock knows of.
 *
 * @throws TokenRevokedError when the session has ended; TokenRefreshError when a refresh is under way for too long
 */
export async function settleSession(session: StoredSession, deps: RefreshDeps): Promise<StoredSession> {
  // It may still be waiting for the lock, which does not serve its callers in order.
  await deps.tokenMemory.refreshes.get(refreshKey(session))?.catch(() => undefined)
  const settled = await deps.refreshLock.run(session, async () =>
    waitUntilUnmarked(await saveUnsaved(await readActive(session, deps.sessions), deps), deps),
  )
  // Newer tokens that another process left may already be on their way to the server again.
  return isMarked(settled, deps.now()) ? settleSession(settled, deps) : settled
}

/** The id alone is not enough: on an application's own store, a new sign-in reuses it. */
function refreshKey({ id, row }: StoredSession): string {
  return `${id} ${row.key.dpopJwk.x}`
}

async function refreshAlone(seen: StoredSession, deps: RefreshDeps): Promise<StoredSession> {
  const isNewer = ({ row }: StoredSession) => hasOtherTokens(row, seen.row)
  const found = await saveUnsaved(await readActive(seen, deps.sessions), deps)
  const current = isNewer(found) ? found : await waitUntilUnmarked(found, deps)
  if (isNewer(current)) return current
  const { refreshToken } = current.row.tokens
  if (refreshToken === undefined) return requireReauth(current, 'revoked', deps)
  respectPause(current.row, deps)

  const verification = await verifyIssuer(current.row, deps)
  if (verification.hasMoved) return requireReauth(current, 'account_moved', deps)
  const marked = await writeMarker(current, deps)
  // The row has changed, if only because the session was used: read it again.
  if (!marked) return refreshAlone(seen, deps)

  const result = await redeemRefreshToken(refreshToken, { marked, seen }, deps)
  switch (result.kind) {
    case 'superseded':
      return result.session
    case 'refused':
      return endUnlessNewer(seen, deps)
    case 'refreshed':
      return storeTokens(marked, result.tokens, verification, deps)
  }
}

/** The server refused the refresh token: the session has ended, unless another process has newer tokens. */
async function endUnlessNewer(seen: StoredSession, deps: RefreshDeps): Promise<StoredSession> {
  if (!deps.refreshLock.isShared) await sleep(SETTLE_MS)
  const latest = await readActive(seen, deps.sessions)
  return hasOtherTokens(latest.row, seen.row) ? latest : requireReauth(latest, 'revoked', deps)
}

/** Stores the new tokens; those of another account, or without the DPoP binding, are revoked instead. */
async function storeTokens(
  marked: StoredSession,
  tokens: TokenSet,
  verification: IssuerVerification,
  deps: RefreshDeps,
): Promise<StoredSession> {
  const { row } = marked
  const isForeign = tokens.sub !== undefined && tokens.sub !== row.account.did
  if (tokens.isDpopBound && !isForeign) {
    return saveRefreshed(marked, refreshedRow(row, tokens, { ...verification, now: deps.now() }), deps)
  }
  const { accessToken, refreshToken = row.tokens.refreshToken } = tokens
  return requireReauth(marked, 'account_mismatch', deps).finally(() =>
    revokeTokens({ server: row.server, key: row.key, tokens: { accessToken, refreshToken } }, deps),
  )
}

/** What the answer leaves out keeps its old value, but for the end of the token (RFC 6749 §5.1, §6). */
function refreshedRow(
  row: SessionRow,
  tokens: TokenSet,
  { pds, verifiedAt, now }: Pick<IssuerVerification, 'pds' | 'verifiedAt'> & { readonly now: number },
): SessionRow {
  return {
    ...row,
    account: { ...row.account, pds, verifiedAt },
    tokens: {
      scope: tokens.scope ?? row.tokens.scope,
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken ?? row.tokens.refreshToken,
      issuedAt: now,
      expiresAt: tokens.expiresAt,
      rotation: row.tokens.rotation + 1,
    },
    lifecycle: { ...row.lifecycle, lastUsedAt: now, refreshMarker: undefined, refreshRefusals: undefined },
  }
}
