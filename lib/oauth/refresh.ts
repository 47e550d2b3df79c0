/**
 * Renewing tokens (RFC 6749 §6). A refresh token works once and a second use ends the session at the server,
 * so one caller of all processes renews, under a lease, after reading the row again; the others wait for what
 * it writes. Everything that can fail is done before the request; after it, nothing is aborted or thrown away.
 */
import { randomToken } from '../crypto/derive.ts'
import { importSigningKey } from '../crypto/keyset.ts'
import {
  AtprotoAuthError,
  ConfigurationError,
  OAuthResponseError,
  TokenRefreshError,
  TokenRevokedError,
} from '../errors.ts'
import type { ClientContext } from './context.ts'
import { type Home, verifyHome } from './home.ts'
import type { ReauthReason, SessionRow, StoredSession } from './records.ts'
import { saveRefreshed } from './save-refreshed.ts'
import { postToServer } from './server-request.ts'
import { parseTokenResponse, type TokenSet } from './token-response.ts'

/** Short, so that a crashed holder blocks nobody for long; renewed while its request is under way. */
const LEASE_MS = 15_000
const POLL_MS = 100
/** Longer than a token request may take (30 s), with the look-ups before it. */
const WAIT_MS = 45_000
const MAX_LEEWAY_MS = 30_000

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
  const running = context.refreshes.get(session.id)
  if (running) {
    const result = await running
    if (result.generation > session.generation) return result
  }
  const refresh = refreshUnderLease(session, context)
  context.refreshes.set(session.id, refresh)
  try {
    return await refresh
  } finally {
    if (context.refreshes.get(session.id) === refresh) context.refreshes.delete(session.id)
  }
}

async function refreshUnderLease(session: StoredSession, context: ClientContext): Promise<StoredSession> {
  const { store, sessions } = context
  const [key, owner] = [await sessions.leaseKey(session.id), randomToken()]
  for (let waitedMs = 0; !(await store.lease(key, owner, LEASE_MS)); waitedMs += POLL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const current = await readActive(session, context)
    if (current.generation > session.generation) return current
    if (waitedMs > WAIT_MS)
      throw new TokenRefreshError(
        session.row.did,
        'Another process has been renewing the tokens for too long.',
      )
  }
  // A renewal that fails is retried by the next; the row's generation guards what the lease then does not.
  const renewal = setInterval(() => store.lease(key, owner, LEASE_MS).catch(() => false), LEASE_MS / 3)
  try {
    return await refreshHoldingLease(session, context)
  } finally {
    clearInterval(renewal)
    await store.release(key, owner).catch(() => undefined)
  }
}

async function refreshHoldingLease(seen: StoredSession, context: ClientContext): Promise<StoredSession> {
  const current = await readActive(seen, context)
  if (current.generation > seen.generation) return current
  if (current.row.refreshToken === undefined) return requireReauth(current, 'revoked', context)
  respectPause(current.row, context)

  const home = await verifyHome(current.row, context)
  if (home.moved) return requireReauth(current, 'account_moved', context)
  const tokens = await redeem(current, current.row.refreshToken, context)
  if (tokens === 'refused') {
    const latest = await readActive(seen, context)
    return latest.generation > current.generation ? latest : requireReauth(current, 'revoked', context)
  }
  const { did } = current.row
  if (!tokens.isDpopBound || (tokens.sub !== undefined && tokens.sub !== did)) {
    return requireReauth(current, 'account_mismatch', context)
  }
  return saveRefreshed(current, refreshedRow(current.row, tokens, home, context.now()), context)
}

/** A server that asked to be left alone (`Retry-After`) is. */
function respectPause({ did, issuer, tokenEndpoint }: SessionRow, context: ClientContext): void {
  const pauseMs = context.servers.pausedUntil(new URL(tokenEndpoint).origin) - context.now()
  if (pauseMs <= 0) return
  const seconds = Math.ceil(pauseMs / 1000)
  throw new TokenRefreshError(did, `${issuer} takes no token requests for another ${seconds} s.`, { issuer })
}

/**
 * The session as it is now in the store.
 *
 * @throws TokenRevokedError when it is none any more
 */
export async function readActive({ id, row }: StoredSession, context: ClientContext): Promise<StoredSession> {
  const current = await context.sessions.read(id)
  if (!current) throw new TokenRevokedError(row.did, 'The session was signed out or has expired.')
  if (current.row.status.kind === 'active') return current
  throw new TokenRevokedError(row.did, `The session needs a new sign-in (${current.row.status.reason}).`)
}

/** @returns the new tokens, or `refused` when the server does not know the refresh token (any more) */
async function redeem(
  { row }: StoredSession,
  refreshToken: string,
  context: ClientContext,
): Promise<TokenSet | 'refused'> {
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
    return await parseTokenResponse(response, issuer, context.now())
  } catch (cause) {
    if (cause instanceof OAuthResponseError && cause.error === 'invalid_grant') return 'refused'
    if (cause instanceof ConfigurationError || !(cause instanceof AtprotoAuthError)) throw cause
    throw new TokenRefreshError(did, `${issuer} did not renew the tokens: ${cause.message}`, {
      cause,
      issuer,
    })
  }
}

/** What the answer leaves out keeps its old value (RFC 6749 §5.1, §6). */
function refreshedRow(row: SessionRow, tokens: TokenSet, home: Home, now: number): SessionRow {
  return {
    ...row,
    pds: home.pds,
    verifiedAt: home.verifiedAt,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? row.refreshToken,
    scope: tokens.scope ?? row.scope,
    issuedAt: now,
    expiresAt: tokens.expiresAt,
  }
}

/** Keeps the row, without tokens, so that the application can say why and to whom. */
async function requireReauth(
  session: StoredSession,
  reason: ReauthReason,
  context: ClientContext,
): Promise<never> {
  const { row } = session
  const status = { kind: 'reauth_required', reason } as const
  await context.sessions.update(session, { ...row, accessToken: '', refreshToken: undefined, status })
  throw new TokenRevokedError(row.did, `The session needs a new sign-in (${reason}).`, { issuer: row.issuer })
}
