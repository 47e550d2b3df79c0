/** What one process remembers about the tokens of its sessions, for all its clients. */
import { BoundedMap } from '../../bounded-map.ts'
import type { TokenRefreshError } from '../../errors.ts'
import type { StoredSession } from '../records/records-contract.ts'
import { isSameSignIn, type SessionRow } from '../records/session-row.ts'
import { createRefreshQueue, type RefreshQueue } from './refresh-queue.ts'
import type { SharedTurn } from './refresh-turn.ts'

export interface TokenMemory {
  /** Refreshes under way or waiting, by session id and DPoP key. */
  readonly refreshes: Map<string, RunningRefresh>
  /** Where refreshes wait, by origin of the token endpoint; a queue in which none waits or runs is dropped. */
  readonly refreshQueues: Map<string, RefreshQueue>
  /** Time in epoch milliseconds until which a refusal by the PDS starts no refresh, because it refused a fresh token. */
  readonly rejectedUntil: Map<string, number>
  /** Until when, in epoch milliseconds, a PDS that refuses a token causes no further refresh: it has caused one. */
  readonly believedUntil: Map<string, number>
  /** How the refresh that a PDS caused has failed, if it has; meaningful within `believedUntil`. */
  readonly failedRefreshes: Map<string, TokenRefreshError>
  /** Until when, in epoch milliseconds, no early refresh of a session is begun: the last one failed. */
  readonly refreshBackoffUntil: Map<string, number>
  /** Refreshed rows that the store did not take, by session id. */
  readonly unsaved: Map<string, SessionRow>
}

/** A refresh that callers of this process may join. */
export interface RunningRefresh {
  readonly turn: SharedTurn
  readonly result: Promise<StoredSession>
}

const MAX_SESSIONS = 1_000

/** An empty memory. Refreshes under way end by themselves; of the rest it keeps the last thousand sessions. */
export function createTokenMemory(): TokenMemory {
  return {
    refreshes: new Map(),
    refreshQueues: new Map(),
    rejectedUntil: new BoundedMap(MAX_SESSIONS),
    believedUntil: new BoundedMap(MAX_SESSIONS),
    failedRefreshes: new BoundedMap(MAX_SESSIONS),
    refreshBackoffUntil: new BoundedMap(MAX_SESSIONS),
    unsaved: new BoundedMap(MAX_SESSIONS),
  }
}

type Queues = Pick<TokenMemory, 'refreshQueues'>

/** Whether a refresh of the session that begins now has to wait for its place. */
export function isCrowded({ server }: SessionRow, { refreshQueues }: Queues): boolean {
  return refreshQueues.get(new URL(server.tokenEndpoint).origin)?.isCrowded ?? false
}

/** The queue before the authorization server of a session: to be entered now, as it may be another one later. */
export function queueOf({ server }: SessionRow, { refreshQueues }: Queues): RefreshQueue {
  const { origin } = new URL(server.tokenEndpoint)
  const known = refreshQueues.get(origin)
  if (known) return known
  const queue = createRefreshQueue(() => {
    if (refreshQueues.get(origin) === queue) refreshQueues.delete(origin)
  })
  refreshQueues.set(origin, queue)
  return queue
}

/**
 * The newest tokens of a session that has ended, to be revoked. What was kept for the session is forgotten.
 *
 * @param row as the store had it
 */
export function takeNewest(
  id: string,
  row: SessionRow,
  { unsaved }: Pick<TokenMemory, 'unsaved'>,
): SessionRow {
  const kept = unsaved.get(id)
  unsaved.delete(id)
  return kept && isSameSignIn(kept, row) && kept.tokens.rotation > row.tokens.rotation ? kept : row
}
