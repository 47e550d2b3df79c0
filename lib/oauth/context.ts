/** What one configured client hands to each step of the walk. Made once, in `client.ts`. */
import type { Keyset } from '../crypto/keyset.ts'
import type { IdentityDeps } from '../identity/resolve.ts'
import type { Store } from '../store/contract.ts'
import type { ClientMetadata } from './client-metadata.ts'
import type { SessionRecords, StateRecords, StoredSession } from './records.ts'
import type { ServerMemory } from './server-memory.ts'

export interface ClientContext {
  readonly metadata: ClientMetadata
  /** Undefined for a public client. */
  readonly keyset: Keyset | undefined
  /** How identities and servers are found; holds the guarded fetch that every request leaves by. */
  readonly identity: IdentityDeps
  readonly store: Store
  readonly states: StateRecords
  readonly sessions: SessionRecords
  readonly servers: ServerMemory
  /** Refreshes under way in this process, by session id. */
  readonly refreshes: Map<string, Promise<StoredSession>>
  /** Until when, in epoch milliseconds, a PDS's refusals start no refresh of a session: it refused a new token. */
  readonly suspects: Map<string, number>
  /** Epoch milliseconds. */
  readonly now: () => number
}
