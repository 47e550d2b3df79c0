/**
 * What all bundles of one process share. Next makes a copy of each module for every page, route and middleware bundle,
 * so module state would exist several times. This state is stored under a global symbol and also survives hot reloads.
 */
import 'server-only'
import { sha256 } from '../../crypto/hash.ts'
import { type ClientMemory, createClientMemory } from '../../oauth/client-memory.ts'
import type { Store } from '../../store/contract.ts'
import { createSessionCookieCache, type SessionCookieCache } from '../../web/session-cookie.ts'
import type { InstanceRegistry } from './conflicting-instances.ts'
import { openDefaultStore } from './default-store.ts'
import { createFailureCounts, type FailureCounts } from './failure-counts.ts'
import { lazyStore } from './lazy-store.ts'
import type { SecretTurns } from './secret-turns.ts'

export interface SharedState {
  readonly memory: ClientMemory
  /** Opened session cookies. */
  readonly sessionCookies: SessionCookieCache
  /** Messages that were logged and are not repeated. */
  readonly logged: Set<string>
  /** How many failures of each kind were seen this minute. */
  readonly failures: FailureCounts
  /** The instances of `createAtprotoAuth()` in this process. */
  readonly instances: InstanceRegistry
  /** By a hash of address and secrets, when an application asks the store about its secret. */
  readonly secretTurns: Map<string, SecretTurns>
  /** The store that the environment selects. Opened at its first use: metadata and keys are served without it. */
  readonly defaultStore: Store
}

const key = Symbol.for('next-atproto-auth/1')

/** The state of this process, created by the first call. */
export function sharedState(): SharedState {
  const holder: typeof globalThis & { [key]?: SharedState } = globalThis
  holder[key] ??= createSharedState()
  return holder[key]
}

function createSharedState(): SharedState {
  return {
    memory: createClientMemory(),
    sessionCookies: createSessionCookieCache(sha256),
    logged: new Set(),
    failures: createFailureCounts(),
    instances: new Map(),
    secretTurns: new Map(),
    defaultStore: lazyStore(openDefaultStore),
  }
}
