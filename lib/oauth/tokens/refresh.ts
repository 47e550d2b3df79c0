/**
 * Refreshing tokens (RFC 6749 §6). A refresh token works once, and a second use of it ends the session at the server. So
 * one caller of all processes refreshes, under a lock and after reading the row again; the others wait for what it
 * writes. Checks come before the request; after it, nothing is aborted or thrown away.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { TokenRefreshError } from '../../errors.ts'
import { readActive } from '../records/read-active.ts'
import type { StoredSession } from '../records/records-contract.ts'
import { hasOtherTokens, type SessionRow } from '../records/session-row.ts'
import type { TokenSet } from '../server/token-response.ts'
import type { Trace } from '../trace.ts'
import { type RedeemDeps, redeemRefreshToken, wasTurnedAway } from './redeem-refresh-token.ts'
import type { HeldLock, RefreshLock } from './refresh-lock.ts'
import { DEADLINE_MS, isMarked, waitUntilUnmarked, writeMarker } from './refresh-marker.ts'
import { createRefreshTurn, type RefreshTurn, type SharedTurn } from './refresh-turn.ts'
import { type RequireReauthDeps, requireReauth } from './require-reauth.ts'
import { revokeTokens } from './revoke.ts'
import { type SaveRefreshedDeps, saveRefreshed, saveUnsaved } from './save-refreshed.ts'
import { queueOf, type RunningRefresh, type TokenMemory } from './token-memory.ts'
import { type IssuerVerification, type VerifyIssuerDeps, verifyIssuer } from './verify-issuer.ts'

export type RefreshDeps = RedeemDeps &
  RequireReauthDeps &
  SaveRefreshedDeps &
  VerifyIssuerDeps & {
    readonly refreshLock: RefreshLock
    readonly tokenMemory: Pick<TokenMemory, 'refreshes' | 'refreshQueues'>
    readonly trace: Trace
  }

const MAX_LEEWAY_MS = 30_000
/** How often a token is sent for one refresh, when the server turns it away for a moment. */
const MAX_TRIES = 5
/** How long a look-up keeps the place of its refresh: longer than one takes at servers that are well. */
const LOOK_UP_MS = 250
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

/** Why tokens are refreshed: the application or their end asks for it, or the PDS refused tokens that have not ended. */
export type RefreshCause = 'due' | 'refused'

export interface RefreshOptions {
  /** Default `due`. */
  readonly cause?: RefreshCause | undefined
  /**
   * Ends this caller's wait. A refresh that only waits itself is then given up, if no other caller waits for it; a
   * request under way is finished and stored.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * The session with tokens newer than those of `session`, refreshed here or by the process that was first.
 *
 * @throws TokenRevokedError when the session has ended; TokenRefreshError when it could not be refreshed now and is
 *   kept; ConfigurationError when its client key is missing, and it is kept; the signal's reason
 */
export async function refreshSession(
  session: StoredSession,
  deps: RefreshDeps,
  { cause = 'due', signal }: RefreshOptions = {},
): Promise<StoredSession> {
  const running = deps.tokenMemory.refreshes.get(refreshKey(session))
  if (running && !running.turn.isGivenUp) {
    const result = await running.turn.share(running.result, signal)
    if (hasOtherTokens(result.row, session.row)) return result
  }
  return begin(session, deps, { cause, signal })
}

function begin(
  session: StoredSession,
  deps: RefreshDeps,
  { cause, signal }: RefreshOptions,
): Promise<StoredSession> {
  const { refreshes } = deps.tokenMemory
  const key = refreshKey(session)
  const queue = () => queueOf(session.row, deps.tokenMemory)
  const turn = createRefreshTurn(session.row, { ...deps, queue })
  const { promise, resolve } = Promise.withResolvers<StoredSession>()
  const running: RunningRefresh = { turn, result: promise }
  refreshes.set(key, running)
  // The first caller is there before the work begins to wait.
  const shared = turn.share(promise, signal)
  const server = { 'server.address': new URL(session.row.server.tokenEndpoint).host }
  const work = deps
    .trace('atproto.refresh', server, () => refreshInTurns({ seen: session, turn, cause }, deps))
    .finally(() => {
      if (refreshes.get(key) === running) refreshes.delete(key)
    })
  resolve(work)
  // Its caller may give up; a host that stops or freezes the process has to wait until the new tokens are stored.
  deps.waitUntil(
    work.then(
      () => undefined,
      () => undefined,
    ),
  )
  return shared
}

/** A refresh of this process. */
interface Refresh {
  /** As the caller saw it. */
  readonly seen: StoredSession
  readonly turn: SharedTurn
  readonly cause: RefreshCause | undefined
}

/** Refreshes; when the server wants to be left alone for a moment, again after that. */
async function refreshInTurns(refresh: Refresh, deps: RefreshDeps): Promise<StoredSession> {
  const { seen, turn } = refresh
  for (let tries = 1; ; tries += 1) {
    try {
      return await deps.refreshLock.run(seen, (lock) => refreshAlone({ ...refresh, lock }, deps), turn)
    } catch (error) {
      if (!(error instanceof TokenRefreshError && wasTurnedAway(error))) throw error
      if (tries >= MAX_TRIES || !turn.mayWaitForPause()) throw withTime(error, turn.comebackMs())
    } finally {
      turn.giveBack()
    }
  }
}

/** The error with the time to try again. */
function withTime(
  { sub, message, cause, issuer = '' }: TokenRefreshError,
  retryAfterMs: number,
): TokenRefreshError {
  return new TokenRefreshError(sub, message, { cause, issuer, retryAfterMs })
}

/** Whether this process is refreshing the session now. */
export function isRefreshing(
  session: StoredSession,
  { tokenMemory }: Pick<RefreshDeps, 'tokenMemory'>,
): boolean {
  return tokenMemory.refreshes.has(refreshKey(session))
}

/**
 * The session with its newest tokens, once no refresh of it is under way that this process or the refresh lock knows of.
 *
 * @throws TokenRevokedError when the session has ended; TokenRefreshError when a refresh is under way for too long
 */
export async function settleSession(session: StoredSession, deps: RefreshDeps): Promise<StoredSession> {
  // It may still be waiting for the lock, which does not serve its callers in order.
  await deps.tokenMemory.refreshes.get(refreshKey(session))?.result.catch(() => undefined)
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

/** A refresh that no other one of the session runs beside. */
interface LockedRefresh extends Refresh {
  readonly lock: HeldLock
}

async function refreshAlone(refresh: LockedRefresh, deps: RefreshDeps): Promise<StoredSession> {
  const { seen, turn, lock } = refresh
  const isNewer = ({ row }: StoredSession) => hasOtherTokens(row, seen.row)
  const found = await saveUnsaved(await readActive(seen, deps.sessions), deps)
  const current = isNewer(found) ? found : await unmarked(found, turn, deps)
  if (isNewer(current)) return current
  const { refreshToken } = current.row.tokens
  if (refreshToken === undefined) return requireReauth(current, 'revoked', deps)

  const verification = await lookUpIssuer(current.row, turn, deps)
  if (verification.hasMoved) return requireReauth(current, 'account_moved', deps)
  await outlastPause(turn)
  const marked = await writeMarker(current, deps)
  // The row has changed, if only because the session was used: read it again.
  if (!marked) return refreshAlone(refresh, deps)
  // The marker's end is judged by the clock of its reader, the lock's by the store's alone. It needs no wait: if the
  // token is sent before the store knows, the marker still holds.
  lock.keepFor(DEADLINE_MS)

  const result = await redeemRefreshToken(refreshToken, { marked, seen }, deps)
  switch (result.kind) {
    case 'superseded':
      return result.session
    case 'refused':
      return endUnlessNewer(seen, deps)
    case 'refreshed':
      return storeTokens(marked, result.tokens, { ...verification, cause: refresh.cause }, deps)
  }
}

/** The session once no other process may be waiting for an answer; meanwhile the place is free for others. */
async function unmarked(
  session: StoredSession,
  turn: RefreshTurn,
  deps: RefreshDeps,
): Promise<StoredSession> {
  if (!isMarked(session, deps.now())) return session
  turn.giveBack()
  const current = await waitUntilUnmarked(session, deps, turn)
  await turn.take()
  return current
}

/**
 * `verifyIssuer`, which asks hosts that the account names. While one of them is slow, the place is free for others: else a few
 * accounts at a server could keep the tokens of all others there from being refreshed.
 */
async function lookUpIssuer(
  row: SessionRow,
  turn: RefreshTurn,
  deps: RefreshDeps,
): Promise<IssuerVerification> {
  let isSlow = false
  const timer = setTimeout(() => {
    isSlow = true
    turn.giveBack()
  }, LOOK_UP_MS)
  const verification = await verifyIssuer(row, deps).finally(() => clearTimeout(timer))
  if (isSlow) await turn.take()
  return verification
}

/** Another refresh may have learnt, since this one got its place, that the server wants to be left alone. */
async function outlastPause(turn: SharedTurn): Promise<void> {
  if (turn.pauseMs() <= 0) return
  turn.giveBack()
  await turn.take()
}

/** The server refused the refresh token: the session has ended, unless another process has newer tokens. */
async function endUnlessNewer(seen: StoredSession, deps: RefreshDeps): Promise<StoredSession> {
  if (!deps.refreshLock.isShared) await sleep(SETTLE_MS)
  const latest = await readActive(seen, deps.sessions)
  return hasOtherTokens(latest.row, seen.row) ? latest : requireReauth(latest, 'revoked', deps)
}

type RefreshFacts = IssuerVerification & Pick<Refresh, 'cause'>

/** Stores the new tokens; those of another account, or without the DPoP binding, are revoked instead. */
async function storeTokens(
  marked: StoredSession,
  tokens: TokenSet,
  facts: RefreshFacts,
  deps: RefreshDeps,
): Promise<StoredSession> {
  const { row } = marked
  const isForeign = tokens.sub !== undefined && tokens.sub !== row.account.did
  if (tokens.isDpopBound && !isForeign) {
    return saveRefreshed(marked, refreshedRow(row, tokens, { ...facts, now: deps.now() }), deps)
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
  { pds, verifiedAt, cause, now }: RefreshFacts & { readonly now: number },
): SessionRow {
  const { lifecycle } = row
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
    lifecycle: {
      ...lifecycle,
      lastUsedAt: now,
      refreshMarker: undefined,
      refreshRefusals: undefined,
      replacedAt: cause === 'refused' ? now : lifecycle.replacedAt,
    },
  }
}
