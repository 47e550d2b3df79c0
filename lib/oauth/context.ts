/** One configured client, composed once in `create-context.ts`. Each step declares the members it needs. */
import type { ProfileDeps } from '../identity/account-profile.ts'
import type { SessionRecords, StateRecords } from './records/records-contract.ts'
import type { SessionEvents } from './records/session-events.ts'
import type { ImportDeps } from './session/import-session.ts'
import type { SessionDeps } from './session/session.ts'
import type { AuthorizeDeps } from './sign-in/authorize.ts'
import type { CallbackDeps } from './sign-in/callback.ts'
import type { LastUsedDeps } from './tokens/last-used.ts'
import type { SessionTokensDeps } from './tokens/session-tokens.ts'
import type { TokenMemory } from './tokens/token-memory.ts'

export interface ClientContext extends Steps {
  readonly identity: ProfileDeps
  readonly states: StateRecords
  readonly sessions: SessionRecords
  readonly events: SessionEvents
  readonly tokenMemory: TokenMemory
}

type Steps = AuthorizeDeps & CallbackDeps & SessionTokensDeps & SessionDeps & ImportDeps & LastUsedDeps
