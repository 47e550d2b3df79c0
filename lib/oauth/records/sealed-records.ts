/**
 * Rows on a store of this library. They are sealed before they reach it, under names that are hashes, so that a
 * dump of the store shows nothing of use: no token, key, account or session id.
 */
import { z } from 'zod'
import { BoundedMap } from '../../bounded-map.ts'
import type { BlindIndex } from '../../crypto/blind-index.ts'
import { sha256 } from '../../crypto/hash.ts'
import { keyIdOf, namesKnownKey, type Sealer } from '../../crypto/seal.ts'
import type { UnopenedCause } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import type { Store } from '../../store/contract.ts'
import { createSharedRuns, mapAFewAtATime } from './list-load.ts'
import type { OpenedRow, OpenedRows } from './opened-rows.ts'
import type { FoundSession, SessionRecords, StateRecords, StoredSession } from './records-contract.ts'
import { decodeSession, encodedSessionSchema, encodeSession, type SessionRow } from './session-row.ts'
import { decodeState, encodedStateSchema, encodeState } from './state-row.ts'

export interface RecordsDeps {
  readonly store: Store
  readonly sealer: Sealer
  /** Part of what every row is sealed for, so that two clients can share a store. */
  readonly clientId: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

export interface SessionRecordsDeps extends RecordsDeps {
  /** Rows that this process has opened; default none are kept. */
  readonly openedRows?: OpenedRows | undefined
  /** Called for each row that is there and does not open; default nothing. */
  readonly onUnopened?: ((cause: UnopenedCause) => void) | undefined
  /** Names the index of an account's sessions without naming the account. */
  readonly blindIndex: BlindIndex
  /** How long a session lives from its sign-in, whatever happens. */
  readonly lifetimeMs: number
  /** How long it lives from its last use. */
  readonly idleMs: number
}

/** Of how many accounts the names of the indexes are remembered: to hash one takes as long as to find a session. */
const MAX_KNOWN = 1_000

/** How many members a store lists at most (see `Store.members`). */
const MAX_LISTED = 1_000
/** How often such a list is read, each time without a thousand entries that have ended. */
const MAX_ROUNDS = 20

/** The id goes with the row, so that a session found by its account can be named. */
const sealedSessionSchema = encodedSessionSchema.extend({ id: z.string() })

/** The rows of sign-ins under way. */
export function createStateRecords({ store, sealer, clientId, now }: RecordsDeps): StateRecords {
  const context = (hash: string) => ['state', clientId, hash]
  return {
    async create(oauthState, row) {
      const hash = sha256(oauthState)
      const sealed = await sealer.seal(encodeState(row), context(hash))
      await store.set(`state:${hash}`, sealed, row.expiresAt - now())
    },
    async take(oauthState) {
      const hash = sha256(oauthState)
      const sealed = await store.take(`state:${hash}`)
      const parsed = encodedStateSchema.safeParse(sealed && (await sealer.open(sealed, context(hash))))
      return parsed.success && parsed.data.expiresAt > now() ? decodeState(parsed.data) : undefined
    },
  }
}

/** The rows of sessions, with an index of each account's. */
export function createSessionRecords(deps: SessionRecordsDeps): SessionRecords {
  const { store, sealer, clientId, now, lifetimeMs, idleMs, openedRows } = deps
  const context = (hash: string) => ['session', clientId, hash]
  const placeOf = (hash: string) => JSON.stringify(context(hash))
  const seal = (id: string, row: SessionRow, hash: string) =>
    sealer.seal({ ...encodeSession(row), id }, context(hash))
  const ttlMs = ({ lifecycle: { createdAt, lastUsedAt } }: SessionRow) =>
    Math.min(createdAt + lifetimeMs, lastUsedAt + idleMs) - now()
  const indexNames = new BoundedMap<Did, readonly string[]>(MAX_KNOWN)

  async function indexes(did: Did): Promise<readonly string[]> {
    const names =
      indexNames.get(did) ?? (await deps.blindIndex(`${clientId} ${did}`)).map((n) => `account:${n}`)
    indexNames.set(did, names)
    return names
  }

  async function open(sealed: string, hash: string): Promise<OpenedRow | UnopenedCause> {
    const parsed = sealedSessionSchema.safeParse(await sealer.open(sealed, context(hash)))
    if (!parsed.success) {
      const cause = (await namesKnownKey(sealed, sealer)) ? 'other' : 'secret'
      deps.onUnopened?.(cause)
      return cause
    }
    return { id: parsed.data.id, row: decodeSession(parsed.data), kid: keyIdOf(sealed) }
  }

  /** What `open` gives, from memory when this very text was opened here before and its secret is still configured. */
  async function recall(sealed: string, hash: string): Promise<OpenedRow | UnopenedCause> {
    const known = openedRows?.find(placeOf(hash), sealed)
    if (known && (await sealer.hasKey(known.kid))) return known
    const opened = await open(sealed, hash)
    return typeof opened === 'object' && openedRows ? openedRows.keep(placeOf(hash), sealed, opened) : opened
  }

  async function findByHash(hash: string): Promise<FoundSession> {
    const stored = await store.get(`session:${hash}`)
    const opened = stored && (await recall(stored.value, hash))
    if (typeof opened === 'object' && ttlMs(opened.row) > 0) {
      const session = { id: opened.id, row: opened.row, generation: stored?.generation ?? 0 }
      return { kind: 'found', session }
    }
    openedRows?.forget(placeOf(hash))
    return typeof opened === 'string' ? { kind: 'unopened', cause: opened } : { kind: 'absent' }
  }

  async function readByHash(hash: string): Promise<StoredSession | undefined> {
    const found = await findByHash(hash)
    return found.kind === 'found' ? found.session : undefined
  }

  /**
   * When a session's entry in the index of its account ends: between one and two idle lifetimes after its last use,
   * so that it outlives the row and is extended once in an idle lifetime instead of at every write.
   */
  const entryEndsAt = ({ lifecycle: { createdAt, lastUsedAt } }: SessionRow) =>
    createdAt + Math.min(lifetimeMs, (Math.floor((lastUsedAt - createdAt) / idleMs) + 2) * idleMs)

  /** A row that is sealed again with a newer secret is entered under that secret too: the old secret will go. */
  async function extendEntry(before: SessionRow, row: SessionRow, hash: string): Promise<void> {
    const [newest, ...older] = await indexes(row.account.did)
    const isDue = older.length > 0 || entryEndsAt(before) < entryEndsAt(row)
    if (newest !== undefined && isDue) await store.addMember(newest, hash, entryEndsAt(row) - now())
  }

  /**
   * Removes the entries of sessions that are gone; whether there were any. An entry outlives its session, and a thousand such
   * ones would hide the sessions that are still there.
   */
  async function forgetEnded(hashes: readonly string[], names: readonly string[]): Promise<boolean> {
    const rows = await mapAFewAtATime(hashes, (hash) => store.get(`session:${hash}`))
    const gone = hashes.filter((_, n) => rows[n] === undefined)
    for (const index of names) await mapAFewAtATime(gone, (hash) => store.removeMember(index, hash))
    return gone.length > 0
  }

  async function list(did: Did): Promise<readonly StoredSession[]> {
    const names = await indexes(did)
    for (let rounds = 1; ; rounds += 1) {
      const lists = await Promise.all(names.map((index) => store.members(index)))
      const hashes = [...new Set(lists.flat())]
      const sessions = await mapAFewAtATime(hashes, readByHash)
      const missing = hashes.filter((_, n) => !sessions[n])
      const isCut = lists.some(({ length }) => length >= MAX_LISTED)
      if (!(isCut && rounds < MAX_ROUNDS && (await forgetEnded(missing, names))))
        return sessions.flatMap((session) => (session?.row.account.did === did ? [session] : []))
    }
  }

  const runs = createSharedRuns<Did, readonly StoredSession[]>()

  return {
    isAtomic: true,
    keepsIds: true,
    async create(id, row) {
      const hash = sha256(id)
      const [index = ''] = await indexes(row.account.did)
      // The entry comes first: without a session it does no harm, but a session without an entry could not be ended.
      await store.addMember(index, hash, entryEndsAt(row) - now())
      await store.set(`session:${hash}`, await seal(id, row, hash), ttlMs(row))
      return { id, row, generation: 1 }
    },
    async read(id) {
      return readByHash(sha256(id))
    },
    find: async (id) => findByHash(sha256(id)),
    accountKeys: indexes,
    list: (did) => runs(did, () => list(did)),
    async update({ id, generation, row: before }, row) {
      const hash = sha256(id)
      // Before the row, for the same reason.
      await extendEntry(before, row, hash)
      openedRows?.forget(placeOf(hash))
      const written = await store.update(`session:${hash}`, await seal(id, row, hash), generation, ttlMs(row))
      return written ? { id, row, generation: generation + 1 } : undefined
    },
    async take(id) {
      const hash = sha256(id)
      const sealed = await store.take(`session:${hash}`)
      // Not before: a request that reads the row at this moment would put it back.
      openedRows?.forget(placeOf(hash))
      const opened = sealed === undefined ? undefined : await open(sealed, hash)
      if (typeof opened !== 'object') return undefined
      // An entry that stays in an index leads nowhere and expires by itself.
      const forget = (index: string) => store.removeMember(index, hash).catch(() => undefined)
      await Promise.all((await indexes(opened.row.account.did)).map(forget))
      return opened.row
    },
  }
}
