/** Statements that wait for a row, are cut off while they run, are executed late, or are undone by others. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../../lib/store/contract.ts'
import { createPostgresStore } from '../../lib/store/postgres/index.ts'
import { lockRows } from '../support/contract/row-lock.ts'
import { MINUTE_MS, times } from '../support/contract/subject.ts'
import { startLossyProxy } from '../support/lossy-proxy.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { refusalOf } from '../support/refusal.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres('max_connections=150')
}, 300_000)
afterAll(() => server?.stop())

async function open(): Promise<{ readonly url: string; readonly store: Store }> {
  const url = await server.createDatabase()
  return { url, store: openAt(url) }
}

function openAt(url: string): Store {
  const store = createPostgresStore({ url, migrate: true })
  onTestFinished(() => store.close())
  return store
}

/** Operations on the row 'key', with what they say when they were done once. */
const operations: readonly (readonly [string, (store: Store) => Promise<unknown>, unknown])[] = [
  ['update', (store) => store.update('key', 'two', 1, MINUTE_MS), true],
  ['take', (store) => store.take('key'), 'one'],
  ['delete', (store) => store.delete('key', 1), true],
  ['lease', (store) => store.lease('key', 'alice', MINUTE_MS), true],
  ['increment', (store) => store.increment('key', MINUTE_MS), 2],
]

describe('a statement whose connection is cut while it waits for a row', () => {
  it.each(operations)(
    '%s: is sent again, and done once, whichever of the two comes first',
    async (_, run, result) => {
      const { url, store: other } = await open()
      await other.set('key', 'one', MINUTE_MS)
      await other.increment('key', MINUTE_MS)
      await other.lease('key', 'alice', MINUTE_MS)
      const proxy = await startLossyProxy(server.port)
      onTestFinished(() => proxy.stop())
      const store = openAt(Object.assign(new URL(url), { port: String(proxy.port) }).href)
      await store.ping()
      const row = await lockRows(url, 'key')
      const outcome = run(store)
      await row.waiting(1)
      proxy.cut()
      await row.waiting(2)
      await row.release()
      expect(await outcome).toEqual(result)
      // Once: the other copy found that it was done.
      expect(await other.update('key', 'late', 1, MINUTE_MS)).toBe(!['update', 'take', 'delete'].includes(_))
      expect(await other.lease('key', 'bob', MINUTE_MS)).toBe(false)
      expect(await other.increment('key', MINUTE_MS)).toBe(_ === 'increment' ? 3 : 2)
    },
  )
})

describe('a statement that waits for longer than it may', () => {
  it('is given up, once at the server; when it is executed later, it overwrites nothing and nothing comes back', async () => {
    const { url, store } = await open()
    await store.set('key', 'one', MINUTE_MS)
    await store.set('taken', 'one', MINUTE_MS)
    const [row, taken] = [await lockRows(url, 'key'), await lockRows(url, 'taken')]
    const late = [store.update('key', 'two', 1, MINUTE_MS), store.take('taken')]
    const errors = await Promise.all(late.map(refusalOf))
    for (const error of errors)
      expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('in time') })
    // A second copy of each would only wait beside the first.
    expect(await row.count()).toBe(2)
    await row.release()
    await taken.release()
    while ((await store.get('key'))?.generation !== 2 || (await store.get('taken')) !== undefined)
      await pause(20)
    // What a writer then does that believes its write had failed: its second try meets the first.
    expect(await store.update('key', 'two', 1, MINUTE_MS)).toBe(false)
    expect(await store.get('key')).toEqual({ value: 'two', generation: 2 })
  }, 60_000)

  it('is ended by the server where its role says so: nothing waits on, and nothing is executed late', async () => {
    const { url, store } = await open()
    await store.set('key', 'one', MINUTE_MS)
    const rights = 'GRANT SELECT, INSERT, UPDATE, DELETE ON atproto_auth TO limited'
    await server.queryIn(
      url,
      `CREATE ROLE limited LOGIN; ALTER ROLE limited SET statement_timeout = '300ms'; ${rights}`,
    )
    const limited = openAt(Object.assign(new URL(url), { username: 'limited' }).href)
    const row = await lockRows(url, 'key')
    const error = await refusalOf(limited.update('key', 'two', 1, MINUTE_MS))
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('cancelled') })
    expect(await row.count()).toBe(0)
    await row.release()
    expect(await store.get('key')).toEqual({ value: 'one', generation: 1 })
    expect(await limited.update('key', 'two', 1, MINUTE_MS)).toBe(true)
  })

  it('as that of another process: the one that comes first wins, and the late one changes nothing', async () => {
    const { url, store } = await open()
    const slow = openAt(url)
    await store.set('key', 'one', MINUTE_MS)
    await slow.ping()
    const row = await lockRows(url, 'key')
    const [first, second] = [
      store.update('key', 'first', 1, MINUTE_MS),
      slow.update('key', 'second', 1, MINUTE_MS),
    ]
    await row.waiting(2)
    await row.release()
    const won = [await first, await second]
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await store.get('key')).toEqual({ value: won[0] ? 'first' : 'second', generation: 2 })
  })

  it('does not keep the store from closing once it has an outcome', async () => {
    const { url, store } = await open()
    await store.set('key', 'one', MINUTE_MS)
    const row = await lockRows(url, 'key')
    const outcome = store.update('key', 'two', 1, MINUTE_MS)
    await row.waiting(1)
    const closed = store.close()
    await expect(store.get('key')).rejects.toMatchObject({ message: 'The session store is closed.' })
    await row.release()
    expect(await outcome).toBe(true)
    await closed
  })
})

describe('many processes whose transactions undo each other', () => {
  it('lose no event and let one writer win, where every transaction is serializable', async () => {
    const { url } = await open()
    const name = new URL(url).pathname.slice(1)
    await server.queryIn(url, `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`)
    const stores = Array.from({ length: 6 }, () => openAt(url))
    const each = <T>(work: (store: Store, n: number) => Promise<T>) =>
      Promise.all(stores.flatMap((store, n) => Array.from({ length: 10 }, (_, m) => work(store, 10 * n + m))))
    const counts = await each((store) => store.increment('count', MINUTE_MS))
    expect(Math.max(...counts)).toBe(60)
    await stores[0]?.set('key', 'one', MINUTE_MS)
    const won = await each((store, n) => store.update('key', `writer ${n}`, 1, MINUTE_MS))
    expect(won.filter(Boolean)).toHaveLength(1)
    // Rows that each write removes are those of the others.
    await server.queryIn(url, `UPDATE atproto_auth SET expires_at = now() - interval '1 s'`)
    await each((store, n) => store.set(`key ${n}`, 'value', MINUTE_MS))
    expect((await stores[0]?.get('key 59'))?.value).toBe('value')
  }, 60_000)
})

describe('a pool of the application', () => {
  it('with a time limit and few connections of its own: no call is left without an outcome', async () => {
    const { url, store } = await open()
    await store.set('key', 'one', MINUTE_MS)
    const pool = new pg.Pool({
      connectionString: url,
      query_timeout: 300,
      max: 2,
      connectionTimeoutMillis: 200,
    })
    pool.on('error', () => undefined)
    onTestFinished(() => pool.end())
    const impatient = createPostgresStore({ pool })
    const row = await lockRows(url, 'key')
    const errors = await times(10, () => refusalOf(impatient.update('key', 'two', 1, MINUTE_MS)))
    for (const error of errors)
      expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('in time') })
    await row.release()
    expect((await impatient.get('key'))?.value).toBeDefined()
  })
})
