import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createPostgresStore, type PostgresPool } from '../../lib/store/postgres/index.ts'
import { describeStore } from '../support/contract/describe-store.ts'
import { postgresClock } from '../support/contract/postgres-clock.ts'
import { expectFairRace } from '../support/contract/race.ts'
import {
  type PgBouncer,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../support/postgres-server.ts'

let server: PostgresServer
let pooler: PgBouncer
let direct: pg.Pool
let pooled: pg.Pool
beforeAll(async () => {
  server = await startPostgres()
  pooler = await startPgBouncer(server)
  direct = new pg.Pool({ connectionString: server.url })
  pooled = new pg.Pool({ connectionString: pooler.urlOf('postgres') })
}, 300_000)
afterAll(async () => {
  await direct?.end()
  await pooled?.end()
  await pooler?.stop()
  await server?.stop()
})

const clock = postgresClock(() => direct)
async function open(pool: PostgresPool) {
  await direct.query('DROP TABLE IF EXISTS atproto_auth CASCADE')
  return createPostgresStore({ pool, migrate: true })
}

describeStore('PostgreSQL', () => open(direct), clock)
describeStore('PostgreSQL behind PgBouncer in transaction mode', () => open(pooled), clock)

describe('several processes on one PostgreSQL', () => {
  it.each(['direct', 'through PgBouncer'])('win each race once, %s', async (way) => {
    const url = await server.createDatabase()
    const address = way === 'direct' ? url : pooler.urlOf(new URL(url).pathname.slice(1))
    await expectFairRace('postgres', address)
  })

  it('make the table once when eight of them begin together', async () => {
    const url = await server.createDatabase()
    const stores = Array.from({ length: 8 }, () => createPostgresStore({ url, migrate: true }))
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))))
    await Promise.all(stores.map((store, n) => store.set(`key ${n}`, 'value', 60_000)))
    expect((await stores[0]?.get('key 7'))?.value).toBe('value')
  })
})
