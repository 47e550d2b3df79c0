import { describe, expect, it } from 'vitest'
import { sha256Async } from '../../../../lib/crypto/derive.ts'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { createContext, NOW, sessionRow, stateRow } from '../../../support/unit/context.ts'
import { ALICE, MALLORY } from '../../../support/unit/names.ts'

const dpopJwk = await generatePrivateJwk()
const DAY_MS = 24 * 60 * 60_000
const keyOf = async (kind: string, id: string) => `${kind}:${await sha256Async(id)}`

describe('state records', () => {
  it('gives a state back once', async () => {
    const { states } = createContext()
    await states.create('state', stateRow(dpopJwk))
    expect(await states.take('state')).toEqual(stateRow(dpopJwk))
    expect(await states.take('state')).toBeUndefined()
  })

  it('knows nothing of a state that was never given', async () => {
    expect(await createContext().states.take('guessed')).toBeUndefined()
  })

  it.each([
    [59_999, true],
    [60_000, false],
    [60_001, false],
  ])('still has it after %d ms: %s', async (elapsed, isThere) => {
    let now = NOW
    const { states } = createContext({ now: () => now })
    await states.create('state', stateRow(dpopJwk))
    now += elapsed
    expect((await states.take('state')) !== undefined).toBe(isThere)
  })

  it('refuses an expired state even where the store kept it', async () => {
    let now = NOW
    const store = createMemoryStore({ now: () => NOW })
    const { states } = createContext({ store, now: () => now })
    await states.create('state', stateRow(dpopJwk))
    now += 60_001
    expect(await states.take('state')).toBeUndefined()
  })

  it('does not take a row that was moved to another state', async () => {
    const store = createMemoryStore({ now: () => NOW })
    const { states } = createContext({ store })
    await states.create('mine', stateRow(dpopJwk))
    const row = await store.get(await keyOf('state', 'mine'))
    await store.set(await keyOf('state', 'victim'), row?.value ?? '', 60_000)
    expect(await states.take('victim')).toBeUndefined()
  })

  it('C4 does not take the row of another client in the same store', async () => {
    const store = createMemoryStore({ now: () => NOW })
    await createContext({ store }).states.create('state', stateRow(dpopJwk))
    const other = createContext({ store, publicUrl: 'http://127.0.0.1:4000' })
    expect(await other.states.take('state')).toBeUndefined()
  })
})

describe('session records', () => {
  it('reads what it wrote', async () => {
    const { sessions } = createContext()
    const stored = await sessions.create('id', sessionRow(dpopJwk))
    expect(await sessions.read('id')).toEqual(stored)
  })

  it('keeps nothing readable in the store: neither DID, token, key nor id', async () => {
    const store = createMemoryStore({ now: () => NOW })
    const written: string[] = []
    const set = store.set.bind(store)
    store.set = (key, value, ttlMs) => {
      const parts = value.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      written.push(key, value, ...parts)
      return set(key, value, ttlMs)
    }
    const row = sessionRow(dpopJwk)
    await createContext({ store }).sessions.create('id-canary', row)
    const dump = written.join('\n')
    expect(
      [row.account.did, 'canary', dpopJwk.d, row.account.pds].filter((secret) => dump.includes(secret)),
    ).toEqual([])
  })

  it('does not read a row that was moved under the id of another browser', async () => {
    const store = createMemoryStore({ now: () => NOW })
    const { sessions } = createContext({ store })
    await sessions.create('victim', sessionRow(dpopJwk))
    const row = await store.get(await keyOf('session', 'victim'))
    await store.set(await keyOf('session', 'attacker'), row?.value ?? '', 60_000)
    expect(await sessions.read('attacker')).toBeUndefined()
  })

  it('C4 does not read the rows of another client in the same store', async () => {
    const store = createMemoryStore({ now: () => NOW })
    await createContext({ store }).sessions.create('id', sessionRow(dpopJwk))
    const other = createContext({ store, publicUrl: 'http://127.0.0.1:4000' })
    expect(await other.sessions.read('id')).toBeUndefined()
  })

  it('does not read a plain row that somebody wrote into the store', async () => {
    const store = createMemoryStore({ now: () => NOW })
    await store.set(await keyOf('session', 'id'), JSON.stringify(sessionRow(dpopJwk)), 60_000)
    expect(await createContext({ store }).sessions.read('id')).toBeUndefined()
  })

  it('updates a session and counts', async () => {
    const { sessions } = createContext()
    const stored = await sessions.create('id', sessionRow(dpopJwk))
    const updated = await sessions.update(stored, {
      ...stored.row,
      tokens: { ...stored.row.tokens, scope: 'atproto more' },
    })
    expect(updated).toMatchObject({ generation: 2, row: { tokens: { scope: 'atproto more' } } })
    expect(await sessions.read('id')).toEqual(updated)
  })

  it('C2 does not let a late writer bring a signed-out session back', async () => {
    const { sessions } = createContext()
    const stored = await sessions.create('id', sessionRow(dpopJwk))
    await sessions.take('id')
    expect(await sessions.update(stored, stored.row)).toBeUndefined()
    expect(await sessions.read('id')).toBeUndefined()
  })

  it('ends a session at its absolute lifetime, however often it was written', async () => {
    let now = NOW
    const { sessions } = createContext({ now: () => now })
    const stored = await sessions.create('id', sessionRow(dpopJwk))
    now += 13 * DAY_MS
    expect(await sessions.update(stored, stored.row)).toBeDefined()
    now += DAY_MS
    expect(await sessions.read('id')).toBeUndefined()
  })

  it('ends a session at its absolute lifetime, although it is used every day', async () => {
    let now = NOW
    // The store would keep it.
    const store = createMemoryStore({ now: () => NOW })
    const { sessions } = createContext({ store, now: () => now })
    let stored = await sessions.create('id', sessionRow(dpopJwk))
    for (let day = 1; day < 14; day += 1) {
      now += DAY_MS
      const lifecycle = { ...stored.row.lifecycle, lastUsedAt: now }
      stored = (await sessions.update(stored, { ...stored.row, lifecycle })) ?? stored
    }
    expect(await sessions.read('id')).toEqual(stored)
    now += DAY_MS
    expect(await sessions.read('id')).toBeUndefined()
  })

  it('ends a session at its absolute lifetime even where the store kept it', async () => {
    let now = NOW
    const store = createMemoryStore({ now: () => NOW })
    const { sessions } = createContext({ store, now: () => now })
    await sessions.create('id', sessionRow(dpopJwk))
    now += 14 * DAY_MS
    expect(await sessions.read('id')).toBeUndefined()
  })

  it('lists the sessions of an account, those that ended no more, and nobody else’s', async () => {
    const { sessions } = createContext()
    const row = sessionRow(dpopJwk)
    for (const id of ['one', 'two', 'three']) await sessions.create(id, row)
    await sessions.create('other', sessionRow(dpopJwk, { did: MALLORY }))
    await sessions.take('two')
    const ids = (await sessions.list(row.account.did)).map(({ id }) => id)
    expect(ids.toSorted()).toEqual(['one', 'three'])
  })

  it('lists no session of another account that was written into the index of this one', async () => {
    const store = createMemoryStore({ now: () => NOW })
    const entered: [index: string, member: string][] = []
    const addMember = store.addMember.bind(store)
    store.addMember = (index, member, ttlMs) => {
      entered.push([index, member])
      return addMember(index, member, ttlMs)
    }
    const { sessions } = createContext({ store })
    await sessions.create('mine', sessionRow(dpopJwk))
    await sessions.create('victim', sessionRow(dpopJwk, { did: MALLORY }))
    const [[index], [, foreign]] = [entered[0] ?? ['', ''], entered[1] ?? ['', '']]
    await addMember(index, foreign, DAY_MS)
    expect((await sessions.list(ALICE)).map(({ id }) => id)).toEqual(['mine'])
  })

  it('finds the sessions of an account also under a newer secret, once it is the only one left', async () => {
    const store = createMemoryStore({ now: () => NOW })
    const [old, both, young] = [['old'], ['new', 'old'], ['new']].map((names) =>
      createContext({ store, secrets: names.map((name) => name.padEnd(32, '.')) }),
    )
    const created = await old?.sessions.create('id', sessionRow(dpopJwk))
    const seen = await both?.sessions.list(ALICE)
    expect(seen?.map(({ id }) => id)).toEqual(['id'])
    if (created) await both?.sessions.update(created, created.row)
    expect((await young?.sessions.list(ALICE))?.map(({ id }) => id)).toEqual(['id'])
  })

  it('enters a session into the index of its account once in an idle lifetime, not at every write', async () => {
    let now = NOW
    const store = createMemoryStore({ now: () => now })
    const addMember = store.addMember.bind(store)
    const entered: number[] = []
    store.addMember = (index, member, ttlMs) => {
      entered.push((now - NOW) / DAY_MS)
      return addMember(index, member, ttlMs)
    }
    const { sessions } = createContext({ store, now: () => now, idleMs: 3 * DAY_MS })
    let stored = await sessions.create('id', sessionRow(dpopJwk))
    for (let day = 1; day <= 7; day += 1) {
      now += DAY_MS
      for (let use = 0; use < 3; use += 1)
        stored =
          (await sessions.update(stored, {
            ...stored.row,
            lifecycle: { ...stored.row.lifecycle, lastUsedAt: now },
          })) ?? stored
    }
    expect(entered).toEqual([0, 3, 6])
  })

  it('CK-3 CK-1 I11 shows no account, id or token in a dump: names of indexes are keyed hashes', async () => {
    const seen: string[] = []
    const store = createMemoryStore()
    const spied = new Proxy(store, {
      get:
        (target, name) =>
        (...args: unknown[]) => {
          seen.push(...args.map(String))
          return Reflect.apply(Reflect.get(target, name), target, args)
        },
    })
    const { sessions } = createContext({ store: spied })
    await sessions.create('session-id', sessionRow(dpopJwk))
    await sessions.list(ALICE)
    const dump = seen.join()
    for (const secret of [ALICE, await sha256Async(ALICE), 'session-id', 'canary'])
      expect(dump).not.toContain(secret)
    expect(dump).toContain('account:')
  })
})

describe('the list of an account with very many sessions', () => {
  /** Three hundred sessions of an account, and how many reads of the store are under way at most. */
  async function createMany() {
    const memory = createMemoryStore({ now: () => NOW })
    const reads = { running: 0, most: 0, all: 0 }
    const get: typeof memory.get = async (key) => {
      reads.running += 1
      reads.all += 1
      reads.most = Math.max(reads.most, reads.running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      reads.running -= 1
      return memory.get(key)
    }
    const { sessions } = createContext({ store: { ...memory, get } })
    for (let n = 0; n < 300; n += 1) await sessions.create(`id ${n}`, sessionRow(dpopJwk))
    return { sessions, reads }
  }

  it('is read twenty sessions at a time, so that other requests find the store free', async () => {
    const { sessions, reads } = await createMany()
    expect(await sessions.list(ALICE)).toHaveLength(300)
    expect(reads.most).toBe(20)
  })

  it('is read twice for all who ask for it while it is read', async () => {
    const { sessions, reads } = await createMany()
    const lists = await Promise.all(Array.from({ length: 50 }, () => sessions.list(ALICE)))
    expect(new Set(lists.map(({ length }) => length))).toEqual(new Set([300]))
    expect([reads.all, reads.most]).toEqual([600, 20])
  })

  it('is never older than the call', async () => {
    const { sessions } = await createMany()
    const before = sessions.list(ALICE)
    await sessions.take('id 299')
    const after = sessions.list(ALICE)
    expect((await after).map(({ id }) => id)).not.toContain('id 299')
    await before
    expect(await sessions.list(ALICE)).toHaveLength(299)
  })

  it('is read again after the store has failed', async () => {
    const memory = createMemoryStore({ now: () => NOW })
    const answers = [() => Promise.reject(new Error('down'))]
    const members: typeof memory.members = (index) => answers.shift()?.() ?? memory.members(index)
    const { sessions } = createContext({ store: { ...memory, members } })
    await sessions.create('id', sessionRow(dpopJwk))
    const [first, second] = [sessions.list(ALICE), sessions.list(ALICE)]
    await expect(first).rejects.toThrow('down')
    expect(await second).toHaveLength(1)
  })
})
