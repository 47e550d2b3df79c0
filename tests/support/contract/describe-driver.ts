/** What a driver for PostgreSQL may get wrong: types, texts, errors, and many statements at once. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { createPostgresStore, type PostgresPool } from '../../../lib/store/postgres/index.ts'
import { MINUTE_MS, times } from './subject.ts'

export interface Driver {
  /** A pool on an empty database, closed at the end of the test. */
  open(): Promise<PostgresPool>
}

export function describeDriver(name: string, { open }: Driver): void {
  async function openStore(): Promise<Store> {
    const store = createPostgresStore({ pool: await open(), migrate: true })
    onTestFinished(() => store.close())
    return store
  }

  describe(name, () => {
    it('keeps values, generations, members, leases and counts', async () => {
      const store = await openStore()
      await store.ping()
      await store.set('key', 'one', 1_000.5)
      expect(await store.get('key')).toEqual({ value: 'one', generation: 1 })
      expect(await store.update('key', 'two', 1, MINUTE_MS)).toBe(true)
      expect(await store.update('key', 'late', 1, MINUTE_MS)).toBe(false)
      expect(await store.delete('key', 1)).toBe(false)
      expect(await store.take('key')).toBe('two')
      expect([await store.take('key'), await store.delete('key'), await store.get('key')]).toEqual([
        undefined,
        false,
        undefined,
      ])
      await store.set('gone', 'value', -1)
      expect([await store.get('gone'), await store.take('gone')]).toEqual([undefined, undefined])
      await store.addMember('index', 'member', MINUTE_MS)
      expect(await store.members('index')).toEqual(['member'])
      await store.removeMember('index', 'member')
      expect(await store.members('index')).toEqual([])
      const leases = [
        await store.lease('key', 'alice', MINUTE_MS),
        await store.lease('key', 'bob', MINUTE_MS),
        await store.release('key', 'alice'),
        await store.lease('key', 'bob', MINUTE_MS),
      ]
      expect(leases).toEqual([true, false, undefined, true])
      expect([await store.increment('key', MINUTE_MS), await store.increment('key', MINUTE_MS)]).toEqual([
        1, 2,
      ])
    })

    it('keeps any text', async () => {
      const store = await openStore()
      for (const text of ['', '\0', '%', "'; DROP TABLE atproto_auth; --", 'grüße 💩', 'x'.repeat(60_000)]) {
        await store.set(`key ${text.slice(0, 50)}`, text, MINUTE_MS)
        expect((await store.get(`key ${text.slice(0, 50)}`))?.value).toBe(text)
      }
    })

    it('lets one of thirty win each race', async () => {
      const store = await openStore()
      await store.set('key', 'value', MINUTE_MS)
      await store.set('taken', 'value', MINUTE_MS)
      const updated = await times(30, (n) => store.update('key', `writer ${n}`, 1, MINUTE_MS))
      const taken = await times(30, () => store.take('taken'))
      const leased = await times(30, (n) => store.lease('key', `owner ${n}`, MINUTE_MS))
      expect([updated, taken, leased].map((won) => won.filter(Boolean).length)).toEqual([1, 1, 1])
    })

    it('names the command that makes a table that is missing', async () => {
      const store = createPostgresStore({ pool: await open(), table: 'missing' })
      await expect(store.get('key')).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('npx next-atproto-auth schema postgres'),
      })
    })
  })
}
