/**
 * Renewing tokens (RFC 6749 §6). A refresh token works once and a second use ends the session at the server,
 * so one caller of all processes renews, under a lock, after reading the row again; the others wait for what
 * it writes. Everything that can fail is done before the request; after it, nothing is aborted or thrown away.
 */
import { importSigningKey } from '../../crypto/keyset.ts'
import {
  AtprotoAuthError,
  ConfigurationError,
  OAuthResponseError,
  TokenRefreshError,
  TokenRevokedError,
} from '../../errors.ts'
import type { ClientContext } from '../context.ts'
import { readActive } from '../records/active-session.ts'
import { hasOtherTokens, type ReauthReason, type SessionRow, type StoredSession } from '../records/records.ts'
import { postToServer, warnOfNoNonce } from '../server/server-request.ts'
import { parseTokenResponse, type TokenSet } from '../server/token-response.ts'
import { clearIntent, isUnspent, outwaitIntent, writeIntent } from './refresh-marker.ts'
import { revokeTokens } from './revoke.ts'
import { saveRefreshed, saveUnsaved } from './save-refreshed.ts'
import { type Home, verifyHome } from './verify-issuer.ts'

const MAX_LEEWAY_MS = 30_000
/** Where no lock holds processes apart, another one may just be about to store what it got for the same token. */
const SETTLE_MS = 1_000

/** Whether the access token has to be renewed before use: within 30 s, or a tenth of its life, of its end. */
export function isStale(
  { issuedAt, expiresAt }: Pick<SessionRow, 'issuedAt' | 'expiresAt'>,
  now: number,
): boolean {
  if (expiresAt === undefined) return false
  return expiresAt - Math.min(MAX_LEEWAY_MS, (expiresAt - issuedAt) / 10) <= now
}

/**
 * The session with tokens newer than those of `session`, renewed here or by whoever was first.
 *
 * @throws TokenRevokedError when the session is over; TokenRefreshError when it could not be renewed now and is
 *   kept; ConfigurationError when its client key is missing, and it is kept
 */
export async function refreshSession(session: StoredSession, context: ClientContext): Promise<StoredSession> {
  // Not by its id alone: a renewal of the sign-in that this one replaced says nothing of it.
  const key = `${session.id} ${session.row.dpopJwk.x}`
  const running = context.refreshes.get(key)
  if (running) {
    const result = await running
    if (hasOtherTokens(result.row, session.row)) return result
  }
  const server = { 'server.address': new URL(session.row.tokenEndpoint).host }
  const refresh = context.trace('atproto.refresh', server, () =>
    context.refreshLock.run(session, () => refreshAlone(session, context)),
  )
  context.refreshes.set(key, refresh)
  // Its caller may give up; what ends the process or freezes it has to wait until the new tokens are stored.
  context.waitUntil(
    refresh.then(
      () => undefined,
      () => undefined,
    ),
  )
  try {
    return await refresh
  } finally {
    if (context.refreshes.get(key) === refresh) context.refreshes.delete(key)
  }
}

async function refreshAlone(seen: StoredSession, context: ClientContext): Promise<StoredSession> {
  const isNewer = ({ row }: StoredSession) => hasOtherTokens(row, seen.row)
  const found = await saveUnsaved(await readActive(seen, context.sessions), context)
  const current = isNewer(found) ? found : await outwaitIntent(found, context)
  if (isNewer(current)) return current
  if (current.row.refreshToken === undefined) return requireReauth(current, 'revoked', context)
  respectPause(current.row, context)

  const home = await verifyHome(current.row, context)
  if (home.moved) return requireReauth(current, 'account_moved', context)
  const begun = await writeIntent(current, context)
  // Somebody wrote in between, if only that the session was used: look again.
  if (!begun) return refreshAlone(seen, context)
  const tokens = await redeem(begun, current.row.refreshToken, context).catch((error: unknown) =>
    takeNewer(seen, error, context),
  )
  if (tokens !== 'refused' && 'row' in tokens) return tokens
  if (tokens === 'refused') {
    if (!context.refreshLock.isShared) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const latest = await readActive(seen, context.sessions)
    return isNewer(latest) ? latest : requireReauth(latest, 'revoked', context)
  }
  const { did } = begun.row
  if (!tokens.isDpopBound || (tokens.sub !== undefined && tokens.sub !== did)) {
    const { refreshToken = begun.row.refreshToken } = tokens
    return requireReauth(begun, 'account_mismatch', context).finally(() =>
      revokeTokens({ ...begun.row, ...tokens, refreshToken }, context),
    )
  }
  return saveRefreshed(begun, refreshedRow(begun.row, tokens, home, context.now()), context)
}

/**
 * What somebody else has written while a request failed: when this process stood still for longer than its intent
 * holds, others did not wait for it.
 *
 * @throws `error` when there is nothing newer
 */
async function takeNewer(
  seen: StoredSession,
  error: unknown,
  context: ClientContext,
): Promise<StoredSession> {
  const latest = await context.sessions.read(seen.id).catch(() => undefined)
  if (latest?.row.status.kind === 'active' && hasOtherTokens(latest.row, seen.row)) return latest
  throw error
}

/** A server that asked to be left alone (`Retry-After`) is. */
function respectPause({ did, issuer, tokenEndpoint }: SessionRow, context: ClientContext): void {
  const pauseMs = context.servers.pausedUntil(new URL(tokenEndpoint).origin) - context.now()
  if (pauseMs <= 0) return
  const seconds = Math.ceil(pauseMs / 1000)
  throw new TokenRefreshError(did, `${issuer} takes no token requests for another ${seconds} s.`, { issuer })
}

/** @returns the new tokens, or `refused` when the server does not know the refresh token (any more) */
async function redeem(
  begun: StoredSession,
  refreshToken: string,
  context: ClientContext,
): Promise<TokenSet | 'refused'> {
  const { row } = begun
  const { did, issuer } = row
  try {
    const response = await postToServer(
      {
        issuer,
        endpoint: row.tokenEndpoint,
        dpopKey: await importSigningKey(row.dpopJwk),
        clientKeyId: row.clientKeyId,
        params: { grant_type: 'refresh_token', refresh_token: refreshToken },
      },
      context,
    )
    warnOfNoNonce(response, issuer, context)
    return await parseTokenResponse(response, issuer, context.now())
  } catch (cause) {
    if (cause instanceof OAuthResponseError && cause.error === 'invalid_grant') return 'refused'
    if (isUnspent(cause)) await clearIntent(begun, context)
    if (cause instanceof ConfigurationError || !(cause instanceof AtprotoAuthError)) throw cause
    throw new TokenRefreshError(did, `${issuer} did not renew the tokens: ${cause.message}`, {
      cause,
      issuer,
    })
  }
}

/** What the answer leaves out keeps its old value (RFC 6749 §5.1, §6). */
function refreshedRow(
  { intent: _, ...row }: SessionRow,
  tokens: TokenSet,
  home: Home,
  now: number,
): SessionRow {
  return {
    ...row,
    rotation: row.rotation + 1,
    lastUsedAt: now,
    pds: home.pds,
    verifiedAt: home.verifiedAt,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? row.refreshToken,
    scope: tokens.scope ?? row.scope,
    issuedAt: now,
    expiresAt: tokens.expiresAt,
  }
}

/**
 * Keeps the row, without tokens, so that the application can say why and to whom. When somebody has written newer
 * tokens meanwhile, the session goes on with them.
 *
 * @throws TokenRevokedError
 */
async function requireReauth(
  session: StoredSession,
  reason: ReauthReason,
  context: ClientContext,
): Promise<StoredSession> {
  const { intent: _, ...row } = session.row
  const status = { kind: 'reauth_required', reason } as const
  const ended = { ...row, accessToken: '', refreshToken: undefined, status }
  if (!(await context.sessions.update(session, ended))) {
    // Somebody wrote in between, if only that the session was used: look again.
    const latest = await readActive(session, context.sessions)
    return hasOtherTokens(latest.row, row) ? latest : requireReauth(latest, reason, context)
  }
  const { did, issuer } = row
  const error = new TokenRevokedError(did, `The session needs a new sign-in (${reason}).`, { issuer, reason })
  context.events.deleted(session, error)
  throw error
}
