/** What a process remembers, for all its clients. */
import { createIdentityCaches, type IdentityCaches } from '../identity/identity-caches.ts'
import { createOpenedRows, type OpenedRows } from './records/opened-rows.ts'
import { createUnopenedSessions, type UnopenedSessions } from './records/unopened-sessions.ts'
import { createServerState, type ServerState } from './server/server-state.ts'
import { createTokenMemory, type TokenMemory } from './tokens/token-memory.ts'

/** What the clients of one process share, so that no request is made twice. */
export interface ClientMemory {
  readonly servers: ServerState
  readonly tokens: TokenMemory
  readonly identities: IdentityCaches
  readonly openedRows: OpenedRows
  readonly unopenedSessions: UnopenedSessions
}

/** An empty memory for one or more clients. */
export function createClientMemory(): ClientMemory {
  return {
    servers: createServerState(),
    tokens: createTokenMemory(),
    identities: createIdentityCaches(),
    openedRows: createOpenedRows(),
    unopenedSessions: createUnopenedSessions(),
  }
}
