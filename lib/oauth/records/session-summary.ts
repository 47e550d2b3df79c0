/** The sessions of an account as its owner may see them: one for each browser or device they signed in with. */
import { sha256 } from '../../crypto/hash.ts'
import type { Did } from '../../identity/syntax.ts'
import { isConnectionId } from './connection-id.ts'
import type { SessionRecords, StoredSession } from './records-contract.ts'
import type { ReauthReason } from './session-row.ts'

/** A session without its secrets: safe to show to the owner of the account. */
export interface SessionSummary {
  readonly did: Did
  /** Names the session in lists and to `revoke`. It is no secret: it gives no access. */
  readonly deviceId: string
  /** What was given to `callback`, such as `Firefox on Linux`. */
  readonly label: string | undefined
  readonly createdAt: Date
  /** To within a day, or a thirtieth of the idle lifetime if that is less. */
  readonly lastUsedAt: Date
  /** False when the session needs a new sign-in; `reason` says why. */
  readonly isActive: boolean
  readonly reason: ReauthReason | undefined
  /** Whether it is a connection: a session that no browser has, and that only its session id finds. */
  readonly isConnection: boolean
}

/** Which of an account's sessions; those that fit all given fields; without any, all of them. */
export interface SessionFilter {
  readonly sessionId?: string | undefined
  readonly deviceId?: string | undefined
  /** True: only connections. False: only sign-ins. */
  readonly isConnection?: boolean | undefined
}

const MAX_LABEL = 100

/** The public name of a session: a hash, as in the keys of the store. */
export function deviceIdOf(sessionId: string): string {
  return sha256(sessionId)
}

/** A label as it may be stored and shown: printable, on one line, 100 characters at most; undefined when empty. */
export function cleanLabel(label: string | undefined): string | undefined {
  // Control characters, and invisible ones that change the direction of the text around them.
  const printable = (label ?? '').replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  const [...characters] = printable
  return characters.slice(0, MAX_LABEL).join('').trim() || undefined
}

/** The session without its secrets. */
export function summarize({ id, row }: StoredSession): SessionSummary {
  const { label, createdAt, lastUsedAt, status } = row.lifecycle
  return {
    did: row.account.did,
    deviceId: deviceIdOf(id),
    label,
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    isActive: status.kind === 'active',
    reason: status.kind === 'active' ? undefined : status.reason,
    isConnection: isConnectionId(id),
  }
}

/** Every session of an account, the most recently used first. */
export async function listDevices(
  did: Did,
  sessions: Pick<SessionRecords, 'list'>,
): Promise<readonly SessionSummary[]> {
  const summaries = (await sessions.list(did)).map(summarize)
  return summaries.sort(
    (a, b) =>
      b.lastUsedAt.getTime() - a.lastUsedAt.getTime() || b.createdAt.getTime() - a.createdAt.getTime(),
  )
}

/** The sessions of an account that a filter names; never one of another account, whatever the id. */
export async function findSessions(
  did: Did,
  { sessionId, deviceId, isConnection }: SessionFilter,
  sessions: Pick<SessionRecords, 'list' | 'read'>,
): Promise<readonly StoredSession[]> {
  const found = sessionId === undefined ? await sessions.list(did) : [await sessions.read(sessionId)]
  const ofAccount = found.flatMap((session) => (session?.row.account.did === did ? [session] : []))
  return ofAccount.filter(
    ({ id }) =>
      (deviceId === undefined || deviceIdOf(id) === deviceId) &&
      (isConnection === undefined || isConnectionId(id) === isConnection),
  )
}

/** The usable session whose tokens were issued last. Never a connection: only its id finds it. */
export function latestOf(sessions: readonly StoredSession[]): StoredSession | undefined {
  return sessions
    .filter(({ id, row }) => row.lifecycle.status.kind === 'active' && !isConnectionId(id))
    .reduce<StoredSession | undefined>(
      (newest, session) =>
        newest && newest.row.tokens.issuedAt >= session.row.tokens.issuedAt ? newest : session,
      undefined,
    )
}
