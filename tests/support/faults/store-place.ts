/** The stores that faults happen to: a SQLite file, a real Redis, the REST protocol in front of one, and a PostgreSQL. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type KvRestServer, startKvRestServer } from '../kv-rest-server.ts'
import { type PostgresServer, startPostgres } from '../postgres-server.ts'
import { type RedisServer, startRedis } from '../redis-server.ts'
import { makeTemporaryFolder } from '../temporary-folder.ts'

export type StoreKind = 'sqlite' | 'redis' | 'vercel-kv' | 'postgres'
export const storeKinds: readonly StoreKind[] = ['sqlite', 'redis', 'vercel-kv', 'postgres']

/** A store of one test, and what lies behind it. */
export interface StorePlace {
  readonly kind: StoreKind
  /** For `openStore` of tests/contract. */
  readonly address: string
  /** Lets so much time pass for the leases alone; how long the one that ended last had still to run. */
  passLeases(ms: number): Promise<number>
  /** Everything that is stored there. */
  dump(): Promise<string>
  stop(): Promise<void>
}

export interface RedisPlace extends StorePlace {
  readonly redis: RedisServer
}

/** @param settings of Redis, as on its command line */
export async function openPlace(kind: StoreKind, ...settings: readonly string[]): Promise<StorePlace> {
  if (kind === 'sqlite') return openFile()
  return kind === 'postgres' ? openPostgres() : openRedis(kind, ...settings)
}

/** A Redis of its own. */
export async function openRedis(
  kind: 'redis' | 'vercel-kv',
  ...settings: readonly string[]
): Promise<RedisPlace> {
  const redis = await startRedis(...settings)
  const rest = kind === 'vercel-kv' ? await startKvRestServer(redis.url) : undefined
  return {
    kind,
    redis,
    address: rest ? addressOf(rest) : redis.url,
    passLeases: async (ms) => Number(await redis.command('EVAL', PASS_LEASES, '0', String(ms))),
    dump: async () => JSON.stringify(await redis.command('EVAL', DUMP, '0')),
    async stop() {
      await rest?.stop()
      await redis.stop()
    },
  }
}

export interface PostgresPlace extends StorePlace {
  readonly server: PostgresServer
}

/** A database of its own on that server, of one that does nothing else. */
export async function openPostgresAlone(): Promise<PostgresPlace> {
  const server = await startPostgres('max_connections=200')
  const place = await openDatabase(server)
  return { ...place, server, stop: () => server.stop() }
}

/** One server for all tests of this process, which ends with it; each place is a database of its own. */
let postgres: Promise<PostgresServer> | undefined

async function openPostgres(): Promise<StorePlace> {
  postgres ??= startPostgres('max_connections=200')
  return openDatabase(await postgres)
}

async function openDatabase(server: PostgresServer): Promise<StorePlace> {
  const address = await server.createDatabase()
  const run = (text: string, values?: readonly unknown[]) => server.queryIn(address, text, values)
  return {
    kind: 'postgres',
    address,
    async passLeases(ms) {
      const leases = `FROM atproto_auth WHERE kind = 'lease'`
      const [row] = await run(`SELECT extract(epoch FROM max(expires_at) - now()) * 1000 AS left ${leases}`)
      await run(
        `UPDATE atproto_auth SET expires_at = expires_at - $1::float8 * interval '1 ms' WHERE kind = 'lease'`,
        [ms],
      )
      return Number(row?.left ?? 0)
    },
    dump: async () => JSON.stringify(await run('SELECT * FROM atproto_auth')),
    stop: () => server.dropDatabase(address),
  }
}

function openFile(): StorePlace {
  const folder = makeTemporaryFolder('atproto-auth-faults')
  const path = join(folder.path, 'sessions.sqlite')
  return {
    kind: 'sqlite',
    address: path,
    async passLeases(ms) {
      const db = new DatabaseSync(path)
      db.exec('PRAGMA busy_timeout = 5000')
      const last = Number(db.prepare('SELECT max(expires_at) AS last FROM lease').get()?.last ?? 0)
      db.prepare('UPDATE lease SET expires_at = expires_at - ?').run(ms)
      db.close()
      return last - Date.now()
    },
    // As bytes: what was deleted may still be in the file, and what is new in the log beside it.
    dump: async () =>
      readdirSync(folder.path)
        .map((name) => readFileSync(join(folder.path, name), 'latin1'))
        .join('\n'),
    stop: async () => folder.remove(),
  }
}

function addressOf({ url, token }: KvRestServer): string {
  return `${url}#${token}`
}

const PASS_LEASES = `
  local last = 0
  for _, key in ipairs(redis.call('KEYS', '*lease:*')) do
    local left = redis.call('PTTL', key)
    if left > last then last = left end
    if left <= tonumber(ARGV[1]) then redis.call('DEL', key)
    else redis.call('PEXPIRE', key, string.format('%.0f', left - tonumber(ARGV[1]))) end
  end
  return last
`

const DUMP = `
  local found = {}
  for _, key in ipairs(redis.call('KEYS', '*')) do
    found[#found + 1] = key
    if redis.call('TYPE', key).ok == 'zset' then
      for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do found[#found + 1] = member end
    else
      found[#found + 1] = redis.call('GET', key)
    end
  end
  return found
`
