/** The table of the PostgreSQL store: who may make it, when it is left alone, and what older and newer ones do. */
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../../lib/store/contract.ts'
import {
  createPostgresStore,
  type PostgresStoreOptions,
  postgresSchema,
} from '../../lib/store/postgres/index.ts'
import { startScript } from '../support/contract/race.ts'
import { MINUTE_MS } from '../support/contract/subject.ts'
import {
  type PgBouncer,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../support/postgres-server.ts'

let server: PostgresServer
let pooler: PgBouncer
beforeAll(async () => {
  server = await startPostgres()
  pooler = await startPgBouncer(server)
  // Everything else is refused to it.
  await server.query('CREATE ROLE runtime LOGIN')
}, 300_000)
afterAll(async () => {
  await pooler?.stop()
  await server?.stop()
})

function open(options: PostgresStoreOptions): Store {
  const store = createPostgresStore(options)
  onTestFinished(() => store.close())
  return store
}
const run = (url: string, text: string) => server.queryIn(url, text)
const asRuntime = (url: string) => Object.assign(new URL(url), { username: 'runtime' }).href
const nameOf = (url: string) => new URL(url).pathname.slice(1)
const rights = 'SELECT, INSERT, UPDATE, DELETE'

/** A sign-in, a refresh and a sign-out, as a store sees them. */
async function expectWorks(store: Store): Promise<void> {
  await store.ping()
  await store.addMember('index', 'member', MINUTE_MS)
  await store.set('key', 'one', MINUTE_MS)
  expect(await store.lease('key', 'alice', MINUTE_MS)).toBe(true)
  expect(await store.update('key', 'two', 1, MINUTE_MS)).toBe(true)
  await store.release('key', 'alice')
  expect(await store.increment('key', MINUTE_MS)).toBe(1)
  expect(await store.take('key')).toBe('two')
  expect(await store.members('index')).toEqual(['member'])
}

describe('migrate: true', () => {
  it('needs no right to make a table that is there', async () => {
    const url = await server.createDatabase()
    await run(url, `${postgresSchema()}; GRANT ${rights} ON atproto_auth TO runtime`)
    await expectWorks(open({ url: asRuntime(url), migrate: true }))
  })

  it('says to a role that may not make the table what it needs, and works once another role has made it', async () => {
    const url = await server.createDatabase()
    const store = open({ url: asRuntime(url), migrate: true })
    await expect(store.ping()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/needs CREATE and USAGE .* "npx next-atproto-auth schema postgres"/),
    })
    await run(url, `${postgresSchema()}; GRANT ${rights} ON atproto_auth TO runtime`)
    await expectWorks(store)
  })

  it('makes the table of eight processes once, also where every transaction is serializable', async () => {
    const url = await server.createDatabase()
    await run(url, `ALTER DATABASE ${nameOf(url)} SET default_transaction_isolation = 'serializable'`)
    const children = Array.from({ length: 8 }, (_, n) =>
      startScript('./race-worker.ts', 'postgres', url, `owner ${n}`),
    )
    const said = children.map(async ({ stdout }) => {
      for await (const line of createInterface(stdout)) return line
    })
    expect(await Promise.all(said)).toEqual(Array(8).fill('ready'))
    const tables = `SELECT relname, relkind::text FROM pg_class WHERE relname LIKE 'atproto%' ORDER BY relname`
    expect(await run(url, tables)).toEqual([
      { relname: 'atproto_auth', relkind: 'r' },
      { relname: 'atproto_auth_expires_at', relkind: 'i' },
      { relname: 'atproto_auth_pkey', relkind: 'i' },
      { relname: 'atproto_auth_sessions', relkind: 'v' },
    ])
  }, 60_000)
})

describe('a role without rights', () => {
  it.each([true, false])('on the schema: is told what it needs (migrate: %s)', async (migrate) => {
    const url = await server.createDatabase()
    await run(url, `CREATE SCHEMA hidden; ${postgresSchema({ schema: 'hidden' })}`)
    await run(url, `GRANT ${rights} ON hidden.atproto_auth TO runtime`)
    const store = open({ url: asRuntime(url), schema: 'hidden', migrate })
    await expect(store.ping()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/USAGE on (its|the) schema/),
    })
    await run(url, 'GRANT USAGE ON SCHEMA hidden TO runtime')
    await expectWorks(open({ url: asRuntime(url), schema: 'hidden', migrate }))
  })

  it.each(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])(
    'to %s: ping fails, so that doctor finds it',
    async (right) => {
      const url = await server.createDatabase()
      await run(url, `${postgresSchema()}; GRANT ${rights} ON atproto_auth TO runtime`)
      await run(url, `REVOKE ${right} ON atproto_auth FROM runtime`)
      await expect(open({ url: asRuntime(url) }).ping()).rejects.toMatchObject({
        message: expect.stringContaining(`needs ${rights.replace(', DELETE', ' and DELETE')} on the table`),
      })
    },
  )
})

describe('a table of another release', () => {
  it('an older one that lacks a column: says so, and leaves it as it is', async () => {
    const url = await server.createDatabase()
    await run(url, `${postgresSchema()}; ALTER TABLE atproto_auth DROP COLUMN writer`)
    await run(url, `INSERT INTO atproto_auth (kind, key, expires_at) VALUES ('value', 'key', now())`)
    for (const [migrate, message] of [
      [false, /lacks a column: it is of an older release/],
      [true, /none of this package, or of an older release/],
    ] as const) {
      const error = open({ url, migrate }).ping()
      await expect(error).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringMatching(message),
      })
    }
    expect(await run(url, 'SELECT key FROM atproto_auth')).toEqual([{ key: 'key' }])
  })

  it.each([true, false])(
    'a newer one with more columns, and a wider view: goes on, and keeps them (migrate: %s)',
    async (migrate) => {
      const url = await server.createDatabase()
      await run(url, postgresSchema())
      await run(
        url,
        `ALTER TABLE atproto_auth ADD COLUMN region text NOT NULL DEFAULT 'here', ADD COLUMN note text;
       DROP VIEW atproto_auth_sessions;
       CREATE VIEW atproto_auth_sessions AS SELECT key AS account, key AS session, region, note FROM atproto_auth;
       COMMENT ON TABLE atproto_auth IS 'next-atproto-auth schema 2'`,
      )
      await expectWorks(open({ url, migrate }))
      await run(url, 'SELECT region FROM atproto_auth_sessions')
      expect(await run(url, `SELECT obj_description('atproto_auth'::regclass) AS is`)).toEqual([
        { is: 'next-atproto-auth schema 2' },
      ])
    },
  )

  it('one that lost its index and its view gets them again, and keeps its rows', async () => {
    const url = await server.createDatabase()
    await run(url, postgresSchema())
    await open({ url }).set('key', 'value', MINUTE_MS)
    await run(url, 'DROP VIEW atproto_auth_sessions; DROP INDEX atproto_auth_expires_at')
    expect((await open({ url, migrate: true }).get('key'))?.value).toBe('value')
    expect(await run(url, `SELECT to_regclass('atproto_auth_sessions')::text AS view`)).toEqual([
      { view: 'atproto_auth_sessions' },
    ])
    expect(await run(url, `SELECT to_regclass('atproto_auth_expires_at')::text AS index`)).toEqual([
      { index: 'atproto_auth_expires_at' },
    ])
  })
})

describe('a table that does not stand alone', () => {
  it('in a schema behind another one of the search_path: none is made in front of it when its view is gone', async () => {
    const url = await server.createDatabase()
    await run(url, postgresSchema())
    await open({ url }).set('key', 'value', MINUTE_MS)
    // By default the schema of the name of the role comes before `public`.
    await run(url, 'DROP VIEW atproto_auth_sessions; CREATE SCHEMA postgres')
    expect((await open({ url, migrate: true }).get('key'))?.value).toBe('value')
    expect(await run(url, `SELECT count(*)::int FROM pg_class WHERE relname = 'atproto_auth'`)).toEqual([
      { count: 1 },
    ])
    expect(await run(url, 'SELECT * FROM atproto_auth_sessions')).toEqual([])
  })

  it('beside an older one that was given another name, and kept the name of the index: has an index, and a view', async () => {
    const url = await server.createDatabase()
    const indexes = `SELECT count(*)::int FROM pg_index WHERE indrelid = 'atproto_auth'::regclass AND NOT indisprimary`
    await run(url, `${postgresSchema()}; ALTER TABLE atproto_auth RENAME TO kept`)
    await expectWorks(open({ url, migrate: true }))
    expect(await run(url, indexes)).toEqual([{ count: 1 }])
    const view = `SELECT pg_get_viewdef('atproto_auth_sessions'::regclass) LIKE '%kept%' AS is_of_the_old_one`
    expect(await run(url, view)).toEqual([{ is_of_the_old_one: false }])
    // As where an earlier release has left it without one.
    const drop = `DO $$ BEGIN EXECUTE (SELECT 'DROP INDEX ' || indexrelid::regclass FROM pg_index
      WHERE indrelid = 'atproto_auth'::regclass AND NOT indisprimary); END $$`
    await run(url, drop)
    for (let time = 0; time < 2; time += 1) await run(url, postgresSchema())
    expect(await run(url, indexes)).toEqual([{ count: 1 }])
  })
})

describe('a table in a schema of its own', () => {
  it('is not found in a database that a pooler does not let through, which the error says', async () => {
    // The name of its own console, which it opens to administrators alone.
    await expect(open({ url: pooler.urlOf('pgbouncer') }).ping()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('the log of the pooler has the reason'),
    })
  })

  it('is found through a pooler whose connections look elsewhere; without `schema` the error says where to look', async () => {
    const url = await server.createDatabase()
    await run(
      url,
      `CREATE SCHEMA auth; CREATE SCHEMA elsewhere; ${postgresSchema({ schema: 'auth', table: 'sessions' })}`,
    )
    await run(url, postgresSchema())
    const pool = new pg.Pool({ connectionString: pooler.urlOf(nameOf(url)), max: 1 })
    onTestFinished(() => pool.end())
    // Another client of the pooler has changed the setting of the connection that it got.
    await pool.query(`SET search_path = elsewhere`)
    await expectWorks(open({ pool, schema: 'auth', table: 'sessions' }))
    await expect(open({ pool }).ping()).rejects.toMatchObject({
      message: expect.stringContaining('not in the schema that this connection looks in'),
    })
  })

  it('shares nothing with another one in the same database', async () => {
    const url = await server.createDatabase()
    await run(url, 'CREATE SCHEMA one; CREATE SCHEMA two')
    const [first, second] = ['one', 'two'].map((schema) => open({ url, schema, migrate: true }))
    await first?.set('key', 'first', MINUTE_MS)
    await first?.lease('key', 'alice', MINUTE_MS)
    expect(await second?.get('key')).toBeUndefined()
    expect(await second?.lease('key', 'bob', MINUTE_MS)).toBe(true)
  })

  it('that does not exist is named as missing, and not made', async () => {
    const url = await server.createDatabase()
    for (const migrate of [true, false])
      await expect(open({ url, schema: 'missing', migrate }).ping()).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringMatching(/schema does not exist|table does not exist/),
      })
  })
})
