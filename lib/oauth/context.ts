/** What one configured client hands to each step of the walk. Made once, in `client.ts`. */
import type { Keyset, PrivateJwk } from '../crypto/keyset.ts'
import type { IdentityDeps } from '../identity/resolve.ts'
import type { ClientMetadata } from './client-metadata/build.ts'
import type { SessionRecords, SessionRow, StateRecords, StoredSession } from './records/records.ts'
import type { SessionEvents } from './records/session-events.ts'
import type { ServerMemory } from './server/server-state.ts'
import type { ResponseMode } from './sign-in/authorize-options.ts'
import type { RefreshLock } from './tokens/refresh-lock.ts'
import type { Trace } from './trace.ts'

export interface ClientContext {
  readonly metadata: ClientMetadata
  /** Undefined for a public client. */
  readonly keyset: Keyset | undefined
  /** How identities and servers are found; holds the guarded fetch that every request leaves by. */
  readonly identity: IdentityDeps
  readonly states: StateRecords
  readonly sessions: SessionRecords
  /** After how many milliseconds the use of a session is noted again: a day, or less where sessions idle out sooner. */
  readonly noteUseMs: number
  readonly refreshLock: RefreshLock
  /** Tells the application what becomes of its sessions. */
  readonly events: SessionEvents
  /** How the authorization server is asked to answer; undefined leaves it to its default, `query`. */
  readonly responseMode: ResponseMode | undefined
  /** The DPoP key of a new sign-in. */
  readonly createDpopJwk: () => Promise<PrivateJwk>
  readonly servers: ServerMemory
  /** Refreshes under way in this process, by session id and DPoP key. */
  readonly refreshes: Map<string, Promise<StoredSession>>
  /** Until when, in epoch milliseconds, a PDS's refusals start no refresh of a session: it refused a new token. */
  readonly suspects: Map<string, number>
  /** Until when, in epoch milliseconds, no early refresh of a session is begun: the last one failed. */
  readonly quiet: Map<string, number>
  /** Renewed rows that the store did not take, by session id. */
  readonly unsaved: Map<string, SessionRow>
  /** Spans around what takes time. */
  readonly trace: Trace
  /** Told what is wrong but harms nothing, in a line without secrets. */
  readonly warn: (message: string) => void
  /** Takes work that nobody waits for, and that never rejects. */
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Epoch milliseconds. */
  readonly now: () => number
}
