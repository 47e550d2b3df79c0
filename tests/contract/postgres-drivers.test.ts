import { inspect } from 'node:util'
import { Pool as NeonPool, neonConfig } from '@neondatabase/serverless'
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { ConfigurationError } from '../../lib/errors.ts'
import { createPostgresStore, postgresSchema } from '../../lib/store/postgres/index.ts'
import { createPostgresPool } from '../../lib/store/postgres/pool.ts'
import { describeDriver } from '../support/contract/describe-driver.ts'
import { describeLostAnswers } from '../support/contract/lost-answers.ts'
import { MINUTE_MS } from '../support/contract/subject.ts'
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { refusalOf } from '../support/refusal.ts'
import { startWebSocketBridge, type WebSocketBridge } from '../support/web-socket-bridge.ts'

let server: PostgresServer
let proxy: LossyProxy
let bridge: WebSocketBridge
beforeAll(async () => {
  server = await startPostgres()
  proxy = await startLossyProxy(server.port)
  bridge = await startWebSocketBridge(server.port)
  neonConfig.webSocketConstructor = WebSocket
  neonConfig.wsProxy = () => `127.0.0.1:${bridge.port}/v1`
  neonConfig.useSecureWebSocket = false
  neonConfig.pipelineConnect = false
}, 300_000)
afterAll(async () => {
  await bridge?.stop()
  await proxy?.stop()
  await server?.stop()
})

/** The database, without the table: faster than a new one. */
async function emptyDatabase(): Promise<string> {
  await server.query('DROP TABLE IF EXISTS atproto_auth CASCADE')
  return server.url
}

/** What ends at the end of the test. */
function endAtEnd<T extends { end(): Promise<unknown> }>(pool: T): T {
  onTestFinished(async () => void (await pool.end()))
  return pool
}
const openPool = async () => endAtEnd(new pg.Pool({ connectionString: await emptyDatabase() }))

describeDriver('a URL', { open: async () => endAtEnd(createPostgresPool(await emptyDatabase())) })
describeDriver('a Pool of pg', { open: openPool })
describeDriver('a Client of pg', {
  async open() {
    const client = endAtEnd(new pg.Client({ connectionString: await emptyDatabase() }))
    await client.connect()
    return client
  },
})
describeDriver('the $client of Drizzle', { open: async () => drizzle(await openPool()).$client })
describeDriver('a Pool of @neondatabase/serverless, through a WebSocket', {
  open: async () => endAtEnd(new NeonPool({ connectionString: await emptyDatabase() })),
})
describeDriver('postgres.js, by an adapter', {
  async open() {
    const sql = endAtEnd(postgres(await emptyDatabase(), { onnotice: () => undefined }))
    return { query: async (text, values) => ({ rows: await sql.unsafe(text, values as string[]) }) }
  },
})
describeDriver('a pool that returns every column as text', {
  async open() {
    const types = { getTypeParser: () => String }
    return endAtEnd(new pg.Pool({ connectionString: await emptyDatabase(), types }))
  },
})

describe('an answer that is lost, by the package that is installed', () => {
  describeLostAnswers({
    async open() {
      const url = Object.assign(new URL(await emptyDatabase()), { port: String(proxy.port) }).href
      const store = createPostgresStore({ url, migrate: true })
      onTestFinished(() => store.close())
      await store.ping()
      return store
    },
    loseNextAnswer: () => proxy.loseNextAnswer(),
  })
})

describe('an error of a driver', () => {
  const canaries = ['key-canary', 'value-canary', 'owner-canary', 'user-canary', 'password-canary']

  it.each(['pg', 'Drizzle'])(
    'of %s that quotes what was sent: nothing of that is in the error of the store',
    async (kind) => {
      const pool = await openPool()
      await pool.query(postgresSchema())
      // What the server then says has the whole row in its details.
      await pool.query(`ALTER TABLE atproto_auth ADD CHECK (key NOT LIKE '%canary%')`)
      const store = createPostgresStore({
        pool: {
          async query(text, values) {
            try {
              return await pool.query(text, values)
            } catch (error) {
              expect(inspect(error)).toContain('canary')
              throw kind === 'pg' ? error : new DrizzleQueryError(text, values, error as Error)
            }
          },
        },
      })
      for (const call of [
        () => store.set('key-canary', 'value-canary', MINUTE_MS),
        () => store.lease('key-canary', 'owner-canary', MINUTE_MS),
        () => store.addMember('key-canary', 'value-canary', MINUTE_MS),
      ]) {
        const error = await refusalOf(call())
        expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('23514') })
        expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/[a-z]+-canary/)
      }
    },
  )

  it('that is its own cause, or no error at all, is an outage like any other', async () => {
    const circular = new Error(canaries.join())
    circular.cause = circular
    for (const thrown of [circular, canaries.join(), undefined, { type: 'error', canaries }]) {
      const store = createPostgresStore({ pool: { query: () => Promise.reject(thrown) } })
      const error = await refusalOf(store.get('key'))
      expect(error).toMatchObject({ code: 'store_unavailable' })
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
    }
  })

  it.each([
    ['rows alone', []],
    ['a pair, as mysql2 does', [[], []]],
    ['rows that are arrays, without the names of the columns', { rows: [['value', '1']] }],
    ['nothing', undefined],
  ])('none, but a method query that returns %s: says what to pass, and asks once', async (_, answer) => {
    let asked = 0
    const query = async () => {
      asked += 1
      return answer
    }
    const store = createPostgresStore({ pool: { query } as never })
    const error = await refusalOf(store.get('key'))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain('{ rows }')
    expect(asked).toBe(1)
  })

  it('none: Drizzle itself, or postgres.js itself, is no pool', async () => {
    const pool = await openPool()
    for (const wrong of [drizzle(pool), postgres({ max: 0 })])
      expect(() => createPostgresStore({ pool: wrong as never })).toThrow(/a pool with a method query/)
  })
})
