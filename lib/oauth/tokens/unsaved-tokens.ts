/** Renewed tokens that the store did not take: this process keeps them until they are written, or of no use any more. */
import type { ClientContext } from '../context.ts'
import { isSameSignIn, type SessionRow } from '../records/records.ts'

const MAX_UNSAVED = 1_000

/** Keeps a renewed row for the session of that id; of more than a thousand, the oldest goes. */
export function keepUnsaved(id: string, row: SessionRow, { unsaved }: ClientContext): void {
  unsaved.set(id, row)
  const oldest = unsaved.size > MAX_UNSAVED ? unsaved.keys().next().value : undefined
  if (oldest !== undefined) unsaved.delete(oldest)
}

/**
 * The newest tokens of a session that is over, to be revoked: what was kept for it is forgotten.
 *
 * @param row as the store had it
 */
export function takeNewest(id: string, row: SessionRow, { unsaved }: ClientContext): SessionRow {
  const kept = unsaved.get(id)
  unsaved.delete(id)
  return kept && isSameSignIn(kept, row) && kept.rotation > row.rotation ? kept : row
}
