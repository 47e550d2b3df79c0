/**
 * Sessions whose rows were opened, so that the next request need not decrypt, parse and validate the same text again. Such
 * a session is never used instead of reading the store, only for the very text that the store has just returned, at the
 * very place where that text was opened.
 */
import { ExpiringMap } from '../../expiring-map.ts'
import type { SessionRow } from './session-row.ts'

/** A row that was opened. Frozen: many requests share it. */
export interface OpenedRow {
  readonly id: string
  readonly row: SessionRow
  /** Id of the key that it was sealed with. */
  readonly kid: string
}

export interface OpenedRows {
  /** The row that was opened at that place from exactly this text. A row of another text has been replaced: it is dropped. */
  find(place: string, sealed: string): OpenedRow | undefined
  /** Keeps a row for five minutes, frozen; the row as it is kept. */
  keep(place: string, sealed: string, opened: OpenedRow): OpenedRow
  /** Drops the row: it has ended or is being replaced. */
  forget(place: string): void
}

interface KeptRow {
  readonly sealed: string
  readonly opened: OpenedRow
}

const MAX_ROWS = 1_000
const KEPT_MS = 5 * 60_000
/** In characters. A server decides how long its tokens are, and must not decide how much memory a thousand rows take. */
const MAX_SEALED = 16 * 1024

/** An empty memory of at most a thousand rows. */
export function createOpenedRows(): OpenedRows {
  const rows = new ExpiringMap<string, KeptRow>(MAX_ROWS, KEPT_MS)
  return {
    find(place, sealed) {
      const kept = rows.get(place)
      if (kept?.sealed === sealed) return kept.opened
      rows.delete(place)
      return undefined
    },
    keep(place, sealed, opened) {
      freeze(opened)
      if (sealed.length <= MAX_SEALED) rows.set(place, { sealed, opened })
      return opened
    },
    forget: (place) => rows.delete(place),
  }
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}
