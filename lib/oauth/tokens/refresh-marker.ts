/**
 * The refresh marker: it is written into the row before a refresh token is sent. A process that dies between the request
 * and the writing of its answer leaves the marker behind, so that the next one knows that the token may be spent.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { randomToken } from '../../crypto/derive.ts'
import { AtprotoAuthError, ConfigurationError, OAuthResponseError, TokenRefreshError } from '../../errors.ts'
import { readActive } from '../records/read-active.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { RefreshMarker, SessionLifecycle, SessionRow } from '../records/session-row.ts'
import { noTurn, type RefreshTurn } from './refresh-turn.ts'

export interface RefreshMarkerDeps {
  readonly sessions: Pick<SessionRecords, 'read' | 'update'>
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** How long after the marker was written a token request may still be sent, also again for a nonce. */
const SEND_WITHIN_MS = 5_000
/** How long the answer may be waited for, from when the marker was written: the same and 30 s. */
export const DEADLINE_MS = SEND_WITHIN_MS + 30_000
const POLL_MS = 250
/** How long a marker is looked for when the store did not answer whether it was written. */
const TAKE_BACK_MS = 10_000
/** Answers of a gateway that does not know what the server behind it did. */
const gatewayStatuses: ReadonlySet<number | undefined> = new Set([502, 504])

/**
 * The session with a new marker; undefined when its row has changed since it was read. This write is the fence: from
 * here on, no process that holds an older row sends its token.
 */
export async function writeMarker(
  session: StoredSession,
  deps: RefreshMarkerDeps,
): Promise<StoredSession | undefined> {
  const by = randomToken()
  try {
    return await deps.sessions.update(
      session,
      withMarker(session.row, { until: deps.now() + DEADLINE_MS, by }),
    )
  } catch (error) {
    deps.waitUntil(takeBack(session, by, deps))
    throw error
  }
}

/**
 * A store that did not answer may have written the marker all the same, or may write it later. No token was
 * sent, so other processes need not wait until it expires.
 */
async function takeBack(
  { id, generation }: StoredSession,
  by: string,
  deps: RefreshMarkerDeps,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < TAKE_BACK_MS; waitedMs += POLL_MS) {
    await sleep(POLL_MS)
    const latest = await deps.sessions.read(id).catch(() => undefined)
    if (latest?.row.lifecycle.refreshMarker?.by === by) return clearMarker(latest, deps)
    if (latest && latest.generation > generation) return
  }
}

/** Removes the marker. A write that fails is ignored: a marker that stays behind only costs time. */
export async function clearMarker(
  session: StoredSession,
  { sessions }: Pick<RefreshMarkerDeps, 'sessions'>,
): Promise<void> {
  await sessions.update(session, withMarker(session.row, undefined)).catch(() => undefined)
}

/** The row with that marker, or with none. */
export function withMarker(row: SessionRow, refreshMarker: RefreshMarker | undefined): SessionRow {
  return { ...row, lifecycle: { ...row.lifecycle, refreshMarker } }
}

/** Whether a failed request certainly did not spend its refresh token: it was never sent, or the server refused it. */
export function isUnspent(error: unknown): boolean {
  if (error instanceof OAuthResponseError) return !gatewayStatuses.has(error.status)
  return error instanceof ConfigurationError || (error instanceof AtprotoAuthError && error.sent === false)
}

/**
 * The session once a marker that another process left has expired or is gone: its writer may still be waiting for the
 * answer, and sending the same token again would end the session.
 *
 * @param turn ends the wait when its callers have gone; default not
 * @throws TokenRevokedError when the session ends in the meantime; TokenRefreshError when the marker does not expire
 */
export async function waitUntilUnmarked(
  session: StoredSession,
  deps: RefreshMarkerDeps,
  turn: Pick<RefreshTurn, 'sleep'> = noTurn,
): Promise<StoredSession> {
  let current = session
  for (let waitedMs = 0; isMarked(current, deps.now()); waitedMs += POLL_MS) {
    if (waitedMs > DEADLINE_MS) {
      const { did } = session.row.account
      throw new TokenRefreshError(did, 'An earlier refresh has been under way for too long.')
    }
    await turn.sleep(POLL_MS)
    current = await readActive(session, deps.sessions)
  }
  return current
}

/** Until when, in epoch milliseconds, the token of a marked session may be sent: after that its answer would be late. */
export function sendUntil({ refreshMarker }: SessionLifecycle): number | undefined {
  return refreshMarker && refreshMarker.until - DEADLINE_MS + SEND_WITHIN_MS
}

/** Whether a refresh token of the session may be under way. */
export function isMarked({ row }: StoredSession, now: number): boolean {
  const { refreshMarker } = row.lifecycle
  return refreshMarker !== undefined && refreshMarker.until > now
}
