import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { StoreUnavailableError } from '../../lib/errors.ts'
import type { Store } from '../../lib/store/contract.ts'
import { createPostgresStore, postgresSchema } from '../../lib/store/postgres/index.ts'
import { describeLostAnswers } from '../support/contract/lost-answers.ts'
import { MINUTE_MS, times } from '../support/contract/subject.ts'
import { untilBack } from '../support/contract/until-back.ts'
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { refusalOf } from '../support/refusal.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres('max_connections=40')
}, 300_000)
afterAll(() => server?.stop())

function closeAtEnd(store: Store): Store {
  onTestFinished(() => store.close())
  return store
}
const openAt = (url: string, migrate = true) => closeAtEnd(createPostgresStore({ url, migrate }))
const openNew = async () => openAt(await server.createDatabase())

/** The URL for another user or password. */
function withUser(url: string, user: string, password = ''): string {
  return Object.assign(new URL(url), { username: user, password }).href
}

describe('a PostgreSQL that crashes', () => {
  it('S7: makes every call fail, and serves again once it is back, with what it had committed', async () => {
    const store = await openNew()
    await store.set('key', 'value', MINUTE_MS)
    await server.crash()
    for (let call = 0; call < 3; call += 1)
      await expect(store.get('key')).rejects.toBeInstanceOf(StoreUnavailableError)
    await server.start()
    await untilBack(store)
    expect((await store.get('key'))?.value).toBe('value')
  })

  it('leaves no call without an outcome, and no other one than the error', async () => {
    const store = await openNew()
    await store.ping()
    const calls = times(300, (n) =>
      store.set(`key ${n}`, 'x'.repeat(5_000), MINUTE_MS).catch((error: unknown) => error),
    )
    await server.crash()
    const failures = (await calls).filter((outcome) => outcome !== undefined)
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailableError)
    await server.start()
    await untilBack(store)
  }, 60_000)

  it('was never there: says so, without the password of its URL', async () => {
    const store = openAt(
      `postgres://user-canary:password-canary@127.0.0.1:${await findFreePort()}/name-canary`,
    )
    const error = await refusalOf(store.get('key-canary'))
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
  })
})

describe('a PostgreSQL whose connections are cut', () => {
  it('by its administrator, between two statements: nothing of it is noticed', async () => {
    const store = await openNew()
    await store.set('key', 'value', MINUTE_MS)
    await server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
    expect((await store.get('key'))?.value).toBe('value')
  })

  let proxy: LossyProxy
  beforeAll(async () => {
    proxy = await startLossyProxy(server.port)
  })
  afterAll(() => proxy?.stop())
  describeLostAnswers({
    async open() {
      const url = Object.assign(new URL(await server.createDatabase()), { port: String(proxy.port) }).href
      const store = openAt(url)
      await store.ping()
      return store
    },
    loseNextAnswer: () => proxy.loseNextAnswer(),
  })
})

describe('a PostgreSQL that is silent', () => {
  it('makes a call fail instead of hanging, and serves when it goes on', async () => {
    const store = await openNew()
    await store.set('key', 'value', MINUTE_MS)
    server.freeze()
    const refusals = await times(20, () => refusalOf(store.get('key')))
    server.thaw()
    for (const error of refusals)
      expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('in time') })
    await untilBack(store)
    expect((await store.get('key'))?.value).toBe('value')
  }, 60_000)
})

describe('a PostgreSQL that refuses', () => {
  it.each([
    ['that does not exist', (url: string) => `${url}_gone`, /database does not exist/],
    ['as an unknown user', (url: string) => withUser(url, 'nobody_canary'), /does not let this user in/],
  ])('a database %s: says so, and quotes nothing', async (_what, change, message) => {
    const error = await refusalOf(openAt(change(await server.createDatabase())).get('key'))
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringMatching(message) })
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
  })

  it('a statement because the table is missing: names the command that makes it, and serves once it is there', async () => {
    const url = await server.createDatabase()
    const store = openAt(url, false)
    await expect(store.get('key')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('npx next-atproto-auth schema postgres'),
    })
    await run(url, postgresSchema())
    expect(await store.get('key')).toBeUndefined()
  })

  it('a table of another program under that name, which it leaves as it is', async () => {
    const url = await server.createDatabase()
    await run(
      url,
      `CREATE TABLE atproto_auth (id int, key text); INSERT INTO atproto_auth VALUES (1, 'mine')`,
    )
    for (const migrate of [true, false]) {
      await expect(openAt(url, migrate).set('key', 'value', MINUTE_MS)).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringMatching(migrate ? /none of this package/ : /lacks a column/),
      })
    }
    expect(await run(url, 'SELECT * FROM atproto_auth')).toEqual([{ id: 1, key: 'mine' }])
  })

  it('a role without rights on the table: names them; with them and no others it works', async () => {
    const url = await server.createDatabase()
    await run(url, `${postgresSchema()}; DROP ROLE IF EXISTS runtime; CREATE ROLE runtime LOGIN`)
    const store = openAt(withUser(url, 'runtime'), false)
    await expect(store.ping()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('SELECT, INSERT, UPDATE and DELETE'),
    })
    await run(url, 'GRANT SELECT, INSERT, UPDATE, DELETE ON atproto_auth TO runtime')
    await store.ping()
    await store.set('key', 'value', MINUTE_MS)
    expect(await store.take('key')).toBe('value')
    await run(url, 'DROP OWNED BY runtime; DROP ROLE runtime')
  })

  it('writes as a replica does: says so, and still reads', async () => {
    const url = await server.createDatabase()
    await openAt(url).set('key', 'value', MINUTE_MS)
    await run(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`)
    const store = openAt(url, false)
    for (const call of [
      () => store.ping(),
      () => store.set('key', 'other', 1),
      () => store.lease('key', 'a', 1),
    ])
      await expect(call()).rejects.toMatchObject({ message: expect.stringContaining('read-only replica') })
    expect((await store.get('key'))?.value).toBe('value')
  })

  it('connections when it has too many: says so', async () => {
    const url = await server.createDatabase()
    const name = new URL(url).pathname.slice(1)
    await run(url, `CREATE ROLE crowded LOGIN CONNECTION LIMIT 0; GRANT ALL ON DATABASE ${name} TO crowded`)
    const error = await refusalOf(openAt(withUser(url, 'crowded'), false).ping())
    expect(error.message).toContain('no more connections')
    await run(url, 'DROP OWNED BY crowded; DROP ROLE crowded')
  })
})

describe('a PostgreSQL of an application', () => {
  it('that makes every transaction serializable: fifty at once lose nothing', async () => {
    const url = await server.createDatabase()
    await run(
      url,
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_isolation = 'serializable'`,
    )
    const store = openAt(url)
    const taken = await times(50, (n) => store.lease('key', `owner ${n}`, MINUTE_MS))
    expect(taken.filter(Boolean)).toHaveLength(1)
  })

  it('whose pool is full: waits, and says so at the end of its time', async () => {
    const pool = new pg.Pool({ connectionString: await server.createDatabase(), max: 1 })
    onTestFinished(() => pool.end())
    const store = createPostgresStore({ pool, migrate: true })
    await store.ping()
    const taken = await pool.connect()
    const error = await refusalOf(store.get('key'))
    taken.release()
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('in time') })
    expect(await store.get('key')).toBeUndefined()
  }, 60_000)

  it('is left open when the store is closed', async () => {
    const pool = new pg.Pool({ connectionString: await server.createDatabase() })
    onTestFinished(() => pool.end())
    const store = createPostgresStore({ pool })
    await store.close()
    await expect(store.get('key')).rejects.toMatchObject({ message: 'The session store is closed.' })
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})

function run(url: string, text: string): Promise<readonly unknown[]> {
  return server.queryIn(url, text)
}
