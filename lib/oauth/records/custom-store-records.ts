/**
 * Rows in an application's own stores, of the simple shape that the official client takes: `get`, `set` and `del`.
 * One session for each account; whether they are encrypted is the application's business. Such a store promises
 * less than ours, so what has to be one step is one within this process only.
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
import { isSameSignIn, type SessionRecords, type StateRecords, type StoredSession } from './records.ts'

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

export interface GivenStateDeps {
  readonly store: StateStore
  /** Epoch milliseconds. */
  readonly now: () => number
}

export interface GivenSessionDeps {
  readonly store: SessionStore
  readonly lifetimeMs: number
  readonly idleMs: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The session in a value that the official client has stored; undefined when it is none. */
  readonly readOfficial: (value: unknown) => Promise<StoredSession | undefined>
}

/** The rows of sign-ins under way. */
export function createGivenStateRecords({ store, now }: GivenStateDeps): StateRecords {
  const alone = createLocalLock()
  return {
    async create(state, row) {
      await guarded('stateStore.set', () => store.set(state, toStateData(row)))
    },
    take: (state) =>
      alone(state, async () => {
        const value = await guarded('stateStore.get', () => store.get(state))
        if (value) await guarded('stateStore.del', () => store.del(state))
        const row = fromStateData(value)
        return row && row.expiresAt > now() ? row : undefined
      }),
  }
}

/** The rows of sessions; the id of a session is its DID. */
export function createGivenSessionRecords(deps: GivenSessionDeps): SessionRecords {
  const { store, now, lifetimeMs, idleMs, readOfficial } = deps
  const alone = createLocalLock()
  const write = (session: StoredSession) =>
    guarded('sessionStore.set', () => store.set(session.row.did, toSession(session)))
  const remove = (did: string) => guarded('sessionStore.del', () => store.del(did))

  async function read(did: string): Promise<StoredSession | undefined> {
    const value = await guarded('sessionStore.get', () => store.get(did))
    const session = fromSession(value) ?? (await readOfficial(value))
    if (session?.id !== did) return undefined
    const { createdAt, lastUsedAt } = session.row
    return Math.min(createdAt + lifetimeMs, lastUsedAt + idleMs) > now() ? session : undefined
  }

  return {
    isAtomic: false,
    create: (_, row) =>
      alone(row.did, async () => {
        const replaced = (await read(row.did).catch(() => undefined))?.row
        const session = { id: row.did, row, generation: 1 }
        await write(session)
        return { ...session, replaced }
      }),
    read,
    async list(did) {
      const session = await read(did)
      return session ? [session] : []
    },
    update: ({ id, generation }, row) =>
      alone(id, async () => {
        const current = await read(id)
        if (current?.generation !== generation || !isSameSignIn(current.row, row)) return undefined
        const session = { id, row, generation: generation + 1 }
        // Such a store has no place for a session that cannot be used: an application would take it for one.
        await (row.status.kind === 'active' ? write(session) : remove(id))
        return session
      }),
    take: (id) =>
      alone(id, async () => {
        const row = isDid(id) ? (await read(id).catch(unlessStoreFails))?.row : undefined
        await remove(id)
        return row
      }),
  }
}

/** A session that cannot be read for another reason, such as a server that is down, can be removed all the same. */
function unlessStoreFails(error: unknown): undefined {
  if (error instanceof StoreUnavailableError) throw error
}

async function guarded<T>(name: string, work: () => T | PromiseLike<T>): Promise<Awaited<T>> {
  try {
    return await work()
  } catch (cause) {
    throw new StoreUnavailableError(`${name} of the application threw; nothing was lost by it.`, { cause })
  }
}
