/**
 * Rows in an application's own stores, of the simple shape that the official client takes: `get`, `set` and `del`.
 * They hold one session for each account, and the application decides whether it encrypts them. Such a store has no
 * atomic operations, so updates are atomic within this process only.
 */
import { StoreUnavailableError } from '../../errors.ts'
import { isDid } from '../../identity/syntax.ts'
import {
  fromSession,
  fromStateData,
  type InternalStateData,
  type Session,
  toSession,
  toStateData,
} from './custom-store-format.ts'
import { createLocalLock } from './local-lock.ts'
import type { SessionRecords, StateRecords, StoredSession } from './records-contract.ts'
import { isSameSignIn } from './session-row.ts'

/** A store as the official client takes it. What is not there is `undefined` (or null). */
export interface SimpleStore<Value> {
  get(key: string): Value | undefined | null | PromiseLike<Value | undefined | null>
  set(key: string, value: Value): unknown
  del(key: string): unknown
}

/** Sign-ins under way, by `state`. An entry that is an hour old may be removed. */
export type StateStore = SimpleStore<InternalStateData>
/** Sessions, by DID. */
export type SessionStore = SimpleStore<Session>

export interface CustomStateDeps {
  readonly store: StateStore
  /** Epoch milliseconds. */
  readonly now: () => number
}

export interface CustomSessionDeps {
  readonly store: SessionStore
  readonly lifetimeMs: number
  readonly idleMs: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The session in a value that the official client has stored; undefined when it is no such value. */
  readonly readOfficial: (value: unknown) => Promise<StoredSession | undefined>
}

/** The rows of sign-ins under way. */
export function createCustomStateRecords({ store, now }: CustomStateDeps): StateRecords {
  const exclusively = createLocalLock()
  return {
    async create(oauthState, row) {
      await orUnavailable('stateStore.set', () => store.set(oauthState, toStateData(row)))
    },
    take: (oauthState) =>
      exclusively(oauthState, async () => {
        const value = await orUnavailable('stateStore.get', () => store.get(oauthState))
        if (value) await orUnavailable('stateStore.del', () => store.del(oauthState))
        const row = fromStateData(value)
        return row && row.expiresAt > now() ? row : undefined
      }),
  }
}

/** The rows of sessions; the id of a session is its DID. */
export function createCustomSessionRecords(deps: CustomSessionDeps): SessionRecords {
  const { store, now, lifetimeMs, idleMs, readOfficial } = deps
  const exclusively = createLocalLock()
  const write = (session: StoredSession) =>
    orUnavailable('sessionStore.set', () => store.set(session.id, toSession(session)))
  const remove = (did: string) => orUnavailable('sessionStore.del', () => store.del(did))

  async function read(did: string): Promise<StoredSession | undefined> {
    const value = await orUnavailable('sessionStore.get', () => store.get(did))
    const session = fromSession(value) ?? (await readOfficial(value))
    if (session?.id !== did) return undefined
    const { createdAt, lastUsedAt } = session.row.lifecycle
    return Math.min(createdAt + lifetimeMs, lastUsedAt + idleMs) > now() ? session : undefined
  }

  return {
    isAtomic: false,
    keepsIds: false,
    create(_, row) {
      const { did } = row.account
      return exclusively(did, async () => {
        const replaced = (await read(did).catch(() => undefined))?.row
        const session = { id: did, row, generation: 1 }
        await write(session)
        return { ...session, replaced }
      })
    },
    read,
    async find(id) {
      const session = await read(id)
      return session ? { kind: 'found', session } : { kind: 'absent' }
    },
    accountKeys: async () => [],
    async list(did) {
      const session = await read(did)
      return session ? [session] : []
    },
    update: ({ id, generation }, row) =>
      exclusively(id, async () => {
        const current = await read(id)
        if (current?.generation !== generation || !isSameSignIn(current.row, row)) return undefined
        const session = { id, row, generation: generation + 1 }
        // The application would take a session that needs a new sign-in for one that works, so it is removed.
        await (row.lifecycle.status.kind === 'active' ? write(session) : remove(id))
        return session
      }),
    take: (id) =>
      exclusively(id, async () => {
        const row = isDid(id) ? (await read(id).catch(unlessStoreFails))?.row : undefined
        await remove(id)
        return row
      }),
  }
}

/** A session that cannot be read because its server is down, for instance, can still be removed. */
function unlessStoreFails(error: unknown): undefined {
  if (error instanceof StoreUnavailableError) throw error
}

async function orUnavailable<T>(name: string, work: () => T | PromiseLike<T>): Promise<Awaited<T>> {
  try {
    return await work()
  } catch (cause) {
    throw new StoreUnavailableError(`${name} of the application threw.`, { cause })
  }
}
