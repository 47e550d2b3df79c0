/** Rows that were opened and are kept in memory: what the store returns decides, and the memory only saves work. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sha256 } from '../../../../lib/crypto/hash.ts'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { toSession } from '../../../../lib/oauth/records/custom-store-format.ts'
import { createOpenedRows, type OpenedRow } from '../../../../lib/oauth/records/opened-rows.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { type ContextOptions, createContext, NOW, sessionRow } from '../../../support/unit/context.ts'
import { ALICE, MALLORY } from '../../../support/unit/names.ts'

const dpopJwk = await generatePrivateJwk()
const DAY_MS = 24 * 60 * 60_000
const keyOf = (id: string) => `session:${sha256(id)}`
const OLD = 'old'.padEnd(32, '.')
const NEW = 'new'.padEnd(32, '.')

/** Clients of one process on one store, which keeps rows for longer than they live. */
function createProcess(store = createMemoryStore({ now: () => NOW })) {
  const openedRows = createOpenedRows()
  const client = (options: ContextOptions = {}) => createContext({ store, openedRows, ...options }).sessions
  return { store, openedRows, client }
}

describe('a row that was read before', () => {
  it('is not opened again while the store returns the same text', async () => {
    const { client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    const first = await client().read('id')
    const second = await client().read('id')
    expect(first?.row).toBeDefined()
    expect(second?.row).toBe(first?.row)
    expect((await client().list(ALICE))[0]?.row).toBe(first?.row)
  })

  it('is read from the store at each request all the same', async () => {
    const { store, client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    const get = vi.spyOn(store, 'get')
    for (let n = 0; n < 3; n += 1) await client().read('id')
    expect(get.mock.calls).toEqual(Array.from({ length: 3 }, () => [keyOf('id')]))
  })

  it('throws when the store cannot be reached, instead of being taken from memory', async () => {
    const { store, client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    await client().read('id')
    vi.spyOn(store, 'get').mockRejectedValue(new Error('down'))
    await expect(client().read('id')).rejects.toThrow('down')
  })

  it('C2 opens no more once it was revoked in another process', async () => {
    const { store, client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    await client().read('id')
    await createProcess(store).client().take('id')
    expect(await client().read('id')).toBeUndefined()
    expect(await client().list(ALICE)).toEqual([])
  })

  it('does not stay in memory after a sign-out that comes while another request reads it', async () => {
    const { store, openedRows, client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    const keep = vi.spyOn(openedRows, 'keep')
    const { take } = store
    vi.spyOn(store, 'take').mockImplementation(async (key) => {
      await client().read('id')
      return take(key)
    })
    expect(await client().take('id')).toBeDefined()
    const [[place, sealed] = ['', '']] = keep.mock.calls
    expect([place, sealed]).not.toContain('')
    expect(openedRows.find(place, sealed)).toBeUndefined()
  })

  it('is the new one once another process has replaced it, with the generation of the store', async () => {
    const { store, client } = createProcess()
    const created = await client().create('id', sessionRow(dpopJwk))
    await client().read('id')
    const tokens = { ...created.row.tokens, accessToken: 'refreshed', rotation: 1 }
    await createProcess(store)
      .client()
      .update(created, { ...created.row, tokens })
    expect(await client().read('id')).toMatchObject({ generation: 2, row: { tokens } })
  })

  it('C6 opens no more once its secret was removed', async () => {
    const { client } = createProcess()
    await client({ secrets: [OLD] }).create('id', sessionRow(dpopJwk))
    expect(await client({ secrets: [OLD] }).read('id')).toBeDefined()
    expect(await client({ secrets: [NEW, OLD] }).read('id')).toBeDefined()
    expect(await client({ secrets: [NEW] }).read('id')).toBeUndefined()
  })

  it('does not open under the id of an attacker, who put it there', async () => {
    const { store, client } = createProcess()
    await client().create('victim', sessionRow(dpopJwk))
    await client().create('attacker', sessionRow(dpopJwk, { did: MALLORY }))
    for (const id of ['attacker', 'victim']) expect(await client().read(id)).toBeDefined()
    const row = await store.get(keyOf('victim'))
    await store.set(keyOf('attacker'), row?.value ?? '', DAY_MS)
    expect(await client().read('attacker')).toBeUndefined()
    expect((await client().read('victim'))?.row.account.did).toBe(ALICE)
  })

  it('does not stand for another text that an attacker put in its place', async () => {
    const { store, client } = createProcess()
    await client().create('victim', sessionRow(dpopJwk))
    await client().read('victim')
    await store.set(keyOf('victim'), 'another text', DAY_MS)
    expect(await client().read('victim')).toBeUndefined()
  })

  it('C4 does not open for another client in the same store and process', async () => {
    const { client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    expect(await client().read('id')).toBeDefined()
    expect(await client({ publicUrl: 'http://127.0.0.1:4000' }).read('id')).toBeUndefined()
  })

  it('does not open with one character altered, in each part of the text', async () => {
    const { store, client } = createProcess()
    const sessions = client()
    await sessions.create('id', sessionRow(dpopJwk))
    const { value = '' } = (await store.get(keyOf('id'))) ?? {}
    const step = Math.ceil(value.length / 50)
    for (let at = 0; at < value.length; at += step) {
      await store.set(keyOf('id'), value, DAY_MS)
      expect(await sessions.read('id')).toBeDefined()
      const altered = `${value.slice(0, at)}${value[at] === 'A' ? 'Q' : 'A'}${value.slice(at + 1)}`
      await store.set(keyOf('id'), altered, DAY_MS)
      expect(await sessions.read('id'), `character ${at}`).toBeUndefined()
    }
  })

  it.each([
    ['idle limit', { idleMs: 2 * DAY_MS }, 2 * DAY_MS],
    ['lifetime', {}, 14 * DAY_MS],
  ])('C8 is over at its %s, and not a millisecond earlier', async (_, options, lastsMs) => {
    let now = NOW
    const { client } = createProcess()
    const sessions = client({ ...options, now: () => now })
    await sessions.create('id', sessionRow(dpopJwk))
    now = NOW + lastsMs - 1
    expect(await sessions.read('id')).toBeDefined()
    now = NOW + lastsMs
    expect(await sessions.read('id')).toBeUndefined()
  })

  it('is not changed by who has read it', async () => {
    const { client } = createProcess()
    const marker = { until: NOW, by: 'x' }
    await client().create('id', sessionRow(dpopJwk, { intent: marker }))
    const read = await client().read('id')
    if (!read) throw new Error('There is no row.')
    const exported = toSession(read)
    Object.assign(exported.dpopJwk, { d: 'changed' })
    Object.assign(exported.details.intent ?? {}, { by: 'changed' })
    expect(() => Object.assign(read.row.account, { did: MALLORY })).toThrow(TypeError)
    expect(() => Object.assign(read.row.key.dpopJwk, { d: 'changed' })).toThrow(TypeError)
    expect(() => Object.assign(read, { generation: 7 })).not.toThrow()
    expect(await client().read('id')).toEqual({
      id: 'id',
      row: sessionRow(dpopJwk, { intent: marker }),
      generation: 1,
    })
  })
})

describe('the memory of opened rows', () => {
  const opened = (id: string): OpenedRow => ({ id, row: sessionRow(dpopJwk), kid: 'kid' })

  it('holds a thousand at most: the one that was opened longest ago goes', () => {
    const rows = createOpenedRows()
    for (let n = 0; n <= 1_000; n += 1) rows.keep(`place ${n}`, 'text', opened(`${n}`))
    const isThere = [0, 1, 1_000].map((n) => rows.find(`place ${n}`, 'text') !== undefined)
    expect(isThere).toEqual([false, true, true])
  })

  it('does not hold a row that a server has made long', () => {
    const rows = createOpenedRows()
    const texts = [16 * 1024, 16 * 1024 + 1].map((length) => 'x'.repeat(length))
    for (const text of texts) rows.keep(`${text.length}`, text, opened('id'))
    expect(texts.map((text) => rows.find(`${text.length}`, text)?.id)).toEqual(['id', undefined])
  })

  it('holds none for longer than five minutes, however often it is read', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const rows = createOpenedRows()
    rows.keep('place', 'text', opened('id'))
    for (let minute = 0; minute < 5; minute += 1) {
      expect(rows.find('place', 'text')).toBeDefined()
      vi.advanceTimersByTime(60_000)
    }
    expect(rows.find('place', 'text')).toBeUndefined()
  })

  type Sessions = ReturnType<typeof createContext>['sessions']
  const ends: readonly (readonly [string, (sessions: Sessions) => Promise<unknown>])[] = [
    ['it is signed out', (sessions) => sessions.take('id')],
    [
      'it is replaced',
      (sessions) =>
        sessions.update({ id: 'id', generation: 1, row: sessionRow(dpopJwk) }, sessionRow(dpopJwk)),
    ],
  ]
  it.each(ends)('lets go of a row when %s', async (_, end) => {
    const { store, openedRows, client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    await client().read('id')
    const { value = '' } = (await store.get(keyOf('id'))) ?? {}
    const forget = vi.spyOn(openedRows, 'forget')
    await end(client())
    const [[place = ''] = []] = forget.mock.calls
    expect(openedRows.find(place, value)).toBeUndefined()
  })

  it('lets go of a row when the store has another text or none in its place', async () => {
    const rows = createOpenedRows()
    rows.keep('place', 'text', opened('id'))
    expect(rows.find('place', 'another text')).toBeUndefined()
    expect(rows.find('place', 'text')).toBeUndefined()

    const { store, openedRows, client } = createProcess()
    await client().create('id', sessionRow(dpopJwk))
    await client().read('id')
    await createProcess(store).client().take('id')
    const forget = vi.spyOn(openedRows, 'forget')
    await client().read('id')
    expect(forget).toHaveBeenCalledOnce()
  })
})
