/** Values and options at the edge of what a table can hold, and a clock or a table that went back. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ConfigurationError } from '../../lib/errors.ts'
import type { Store } from '../../lib/store/contract.ts'
import { createPostgresStore } from '../../lib/store/postgres/index.ts'
import { MINUTE_MS } from '../support/contract/subject.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { refusalOf } from '../support/refusal.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 300_000)
afterAll(() => server?.stop())

async function open(): Promise<{ readonly url: string; readonly store: Store }> {
  const url = await server.createDatabase()
  const store = createPostgresStore({ url, migrate: true })
  onTestFinished(() => store.close())
  return { url, store }
}

describe('a database that went back', () => {
  it('in its clock: a lease of the time to come does not hold others off for hours, one of a moment does', async () => {
    const { url, store } = await open()
    const moveOn = (by: string) =>
      server.queryIn(
        url,
        `UPDATE atproto_auth SET expires_at = expires_at + '${by}', updated_at = updated_at + '${by}'`,
      )
    await store.lease('key', 'alice', 15_000)
    await moveOn('5 seconds')
    expect(await store.lease('key', 'bob', 15_000)).toBe(false)
    await moveOn('1 hour')
    expect(await store.lease('key', 'bob', 15_000)).toBe(true)
    expect(await store.lease('key', 'alice', 15_000)).toBe(false)
  })

  it('to a backup: what is written goes by its generations, and what had expired stays away', async () => {
    const { url, store } = await open()
    await store.set('key', 'one', MINUTE_MS)
    await store.set('short', 'one', 300)
    await server.queryIn(url, 'CREATE TABLE backup AS SELECT * FROM atproto_auth')
    await store.update('key', 'two', 1, MINUTE_MS)
    await store.update('key', 'three', 2, MINUTE_MS)
    await pause(400)
    await server.queryIn(url, 'TRUNCATE atproto_auth; INSERT INTO atproto_auth SELECT * FROM backup')
    expect(await store.update('key', 'four', 3, MINUTE_MS)).toBe(false)
    expect(await store.get('key')).toEqual({ value: 'one', generation: 1 })
    expect(await store.get('short')).toBeUndefined()
    expect(await store.update('key', 'two again', 1, MINUTE_MS)).toBe(true)
  })
})

describe('values at the edge', () => {
  it('a generation beyond 2^31 is counted on', async () => {
    const { url, store } = await open()
    const far = 2 ** 31 + 5
    await store.set('key', 'one', MINUTE_MS)
    await store.increment('key', MINUTE_MS)
    await server.queryIn(url, `UPDATE atproto_auth SET generation = ${far}`)
    expect(await store.update('key', 'two', far, MINUTE_MS)).toBe(true)
    expect(await store.get('key')).toEqual({ value: 'two', generation: far + 1 })
    expect(await store.increment('key', MINUTE_MS)).toBe(far + 1)
    expect(await store.delete('key', far)).toBe(false)
    expect(await store.delete('key', far + 1)).toBe(true)
  })

  it('keys that differ in one character or in its writing are different, and nothing is expanded', async () => {
    const { store } = await open()
    const keys = [
      '%',
      '%25',
      '%2525',
      '%00',
      '\0',
      '_',
      '\\',
      '\\\\',
      'é',
      'e\u0301',
      '\ufeff',
      '\n',
      '$1',
      '{}',
      '😀',
    ]
    for (const [n, key] of keys.entries()) await store.set(key, `value ${n}`, MINUTE_MS)
    for (const [n, key] of keys.entries()) expect((await store.get(key))?.value).toBe(`value ${n}`)
    for (const key of keys) expect(await store.delete(key)).toBe(true)
  })

  it('a key that is too long for an index is refused by name, and the store goes on', async () => {
    const { store } = await open()
    const key = Array.from({ length: 300 }, () => crypto.randomUUID()).join()
    const error = await refusalOf(store.set(key, 'value', MINUTE_MS))
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('too long') })
    await store.ping()
  })
})

it('a URL between spaces or before a line break, as a file of variables may give it, is that URL', async () => {
  const { url } = await open()
  const store = createPostgresStore({ url: ` ${url}\n`, migrate: true })
  onTestFinished(() => store.close())
  await store.ping()
})

describe('options that cannot be used', () => {
  it.each([
    [{ url: 'mysql://user:password-canary@host/db' }],
    [{ url: 'password-canary' }],
    [{ url: 'postgres://host/db', table: 'x"; DROP TABLE users; --' }],
    [{ url: 'postgres://host/db', schema: 'Public' }],
    [{ url: 'postgres://host/db', table: 'a'.repeat(49) }],
    [{ pool: {} as never }],
  ])('are refused at once: %o', (options) => {
    const open = () => createPostgresStore(options)
    expect(open).toThrow(ConfigurationError)
    expect(open).not.toThrow(/password-canary/)
  })
})
