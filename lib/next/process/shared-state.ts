/**
 * What one process shares. A module has an instance per page, route and middleware bundle, so anything held in
 * one is held many times; this lives behind a global symbol instead and also survives hot reloads.
 */
import 'server-only'
import { sha256 } from '../../crypto/hash.ts'
import type { ClientMemory } from '../../oauth/client-options.ts'
import { createClientMemory } from '../../oauth/create-context.ts'
import type { Store } from '../../store/contract.ts'
import { createCookieMemo } from '../../web/opened-cookies.ts'
import type { SessionCookieMemo } from '../../web/session-cookie.ts'
import type { Neighbours } from './conflicting-instances.ts'
import { openDefaultStore } from './default-store.ts'
import { lazyStore } from './lazy-store.ts'

export interface ProcessState {
  readonly memory: ClientMemory
  /** Session cookies that were opened before. */
  readonly sessionCookies: SessionCookieMemo
  /** Messages that were logged and are not repeated. */
  readonly logged: Set<string>
  /** The applications that run in it. */
  readonly neighbours: Neighbours
  /** The store that the environment asks for, opened when first used: metadata and keys are served without. */
  readonly defaultStore: Store
}

const key = Symbol.for('next-atproto-auth/1')

/** The one state of this process. */
export function processState(): ProcessState {
  const holder: typeof globalThis & { [key]?: ProcessState } = globalThis
  holder[key] ??= createProcessState()
  return holder[key]
}

function createProcessState(): ProcessState {
  return {
    memory: createClientMemory(),
    sessionCookies: createCookieMemo(sha256),
    logged: new Set(),
    neighbours: new Map(),
    defaultStore: lazyStore(openDefaultStore),
  }
}
