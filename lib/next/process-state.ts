/**
 * What one process shares. A module has an instance per page, route and middleware bundle, so anything held in
 * one is held many times; this lives behind a global symbol instead and also survives hot reloads.
 */
import 'server-only'
import { join } from 'node:path'
import { type ClientMemory, createClientMemory } from '../oauth/client.ts'
import type { Store } from '../store/contract.ts'
import { dataDirectory } from './data-directory.ts'
import { lazyStore } from './lazy-store.ts'

export interface ProcessState {
  readonly memory: ClientMemory
  /** Messages that were logged and are not repeated. */
  readonly logged: Set<string>
  /** The SQLite store in the data directory, opened when first used: metadata and keys are served without. */
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
  return { memory: createClientMemory(), logged: new Set(), defaultStore: lazyStore(openDefaultStore) }
}

/** Loaded only where it is used: an application with another store needs no SQLite. */
async function openDefaultStore(): Promise<Store> {
  const { createSqliteStore } = await import('../store/sqlite.ts')
  return createSqliteStore({ path: join(await dataDirectory(), 'sessions.sqlite') })
}
