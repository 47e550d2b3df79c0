/** When a session was last used. It is recorded at most once a day, because each record is a write. */
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { RefreshLock } from './refresh-lock.ts'

export interface LastUsedDeps {
  readonly sessions: Pick<SessionRecords, 'isAtomic' | 'update'>
  readonly refreshLock: RefreshLock
  readonly waitUntil: (work: Promise<unknown>) => void
  /** After how many milliseconds the use of a session is recorded again. */
  readonly recordUseMs: number
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Records the use of a session if that is due. It is not waited for, and a write that fails does no harm. */
export function recordUse(session: StoredSession, deps: LastUsedDeps): void {
  const { sessions, refreshLock, waitUntil, recordUseMs, now } = deps
  const { row } = session
  if (now() - row.lifecycle.lastUsedAt < recordUseMs) return
  const write = async () => {
    const lifecycle = { ...row.lifecycle, lastUsedAt: now() }
    return (await sessions.update(session, { ...row, lifecycle })) ?? session
  }
  // Where an update is not one step, it must not run during a refresh: it would undo what the refresh has written.
  const work = sessions.isAtomic ? write() : refreshLock.run(session, write)
  waitUntil(work.catch(() => undefined))
}
