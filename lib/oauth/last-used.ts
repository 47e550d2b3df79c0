/** When a session was last used: noted once a day, because every note is a write. */
import type { ClientContext } from './context.ts'
import type { StoredSession } from './records.ts'

const NOTE_EVERY_MS = 24 * 60 * 60_000

/** Notes the use of a session, if that is due; nobody waits for it, and a note that is not taken does no harm. */
export function noteUse(session: StoredSession, { sessions, waitUntil, now }: ClientContext): void {
  const { row } = session
  if (now() - row.lastUsedAt < NOTE_EVERY_MS) return
  waitUntil(sessions.update(session, { ...row, lastUsedAt: now() }).catch(() => undefined))
}
