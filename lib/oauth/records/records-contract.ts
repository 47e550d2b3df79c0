/**
 * What the sign-in and the sessions ask of the place where their rows are kept: `sealed-records.ts` on a store of this
 * library, `custom-store-records.ts` on an application's own stores.
 */
import type { UnopenedCause } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import type { SessionRow } from './session-row.ts'
import type { StateRow } from './state-row.ts'

/** A session as it was read, with its id and the generation that the next write must name. */
export interface StoredSession {
  readonly id: string
  readonly row: SessionRow
  readonly generation: number
}

/** What a search for a session came to: it may be there without opening. */
export type FoundSession =
  | { readonly kind: 'found'; readonly session: StoredSession }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unopened'; readonly cause: UnopenedCause }

/** A session just stored. */
export interface CreatedSession extends StoredSession {
  /** A session of the account that had to give way; its tokens still work. */
  readonly replaced?: SessionRow | undefined
}

export interface StateRecords {
  create(oauthState: string, row: StateRow): Promise<void>
  /** The row, removed in the same step; undefined when it is unknown, used or expired. */
  take(oauthState: string): Promise<StateRow | undefined>
}

export interface SessionRecords {
  /** Whether an update is one step for all processes. Where it is not, only the holder of the refresh lock may update. */
  readonly isAtomic: boolean
  /** Whether a session keeps the id that it was created with. Where not, there is one session for each account. */
  readonly keepsIds: boolean
  create(id: string, row: SessionRow): Promise<CreatedSession>
  /** The session; undefined when it is not there or does not open. */
  read(id: string): Promise<StoredSession | undefined>
  /** As `read`, and says why there is none. */
  find(id: string): Promise<FoundSession>
  /** Every session of an account, in no order. */
  list(did: Did): Promise<readonly StoredSession[]>
  /** By what a store lists an account's sessions, one key for each secret, newest first; none where it lists by DID. */
  accountKeys(did: Did): Promise<readonly string[]>
  /** The session as written; undefined when it has changed since it was read, or was signed out. */
  update(session: StoredSession, row: SessionRow): Promise<StoredSession | undefined>
  /** The row, removed in the same step. */
  take(id: string): Promise<SessionRow | undefined>
}
