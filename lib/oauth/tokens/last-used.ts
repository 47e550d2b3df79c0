/** When a session was last used: noted once in a while, because every note is a write. */
import type { ClientContext } from '../context.ts'
import type { StoredSession } from '../records/records.ts'

/** Notes the use of a session, if that is due; nobody waits for it, and a note that is not taken does no harm. */
export function noteUse(
  session: StoredSession,
  { sessions, refreshLock, waitUntil, noteUseMs, now }: ClientContext,
): void {
  const { row } = session
  if (now() - row.lastUsedAt < noteUseMs) return
  const note = async () => (await sessions.update(session, { ...row, lastUsedAt: now() })) ?? session
  // Where an update is not one step, it must not fall into a refresh: it would undo what that has written.
  const work = sessions.isAtomic ? note() : refreshLock.run(session, note)
  waitUntil(work.catch(() => undefined))
}
