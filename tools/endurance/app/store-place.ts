/** The store of a run, which can be made to fail for a while. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreKind } from '../../../tests/support/faults/store-place.ts'
import { startKvRestServer } from '../../../tests/support/kv-rest-server.ts'
import { startLossyProxy } from '../../../tests/support/lossy-proxy.ts'
import { startPostgres } from '../../../tests/support/postgres-server.ts'
import { startRedis } from '../../../tests/support/redis-server.ts'

/** Something that happens to a store; resolves when it is over, within `ms` or a little more. */
export type StoreTrouble = (ms: number) => Promise<void>

export interface RunPlace {
  readonly kind: StoreKind
  /** For `openStore`. */
  readonly address: string
  readonly troubles: Readonly<Record<string, StoreTrouble>>
  /** How many rows, of whatever kind. */
  countRows(): Promise<number>
  stop(): Promise<void>
}

const MAX_TRIES = 2_000

/** A new store. What it has acknowledged, it keeps. */
export function openRunPlace(kind: StoreKind): Promise<RunPlace> {
  if (kind === 'sqlite') return openFile()
  return kind === 'postgres' ? openPostgres() : openRedis(kind)
}

async function openPostgres(): Promise<RunPlace> {
  const postgres = await startPostgres('max_connections=200')
  const proxy = await startLossyProxy(postgres.port)
  return {
    kind: 'postgres',
    address: Object.assign(new URL(postgres.url), { port: String(proxy.port) }).href,
    troubles: {
      'the store is killed': async (ms) => {
        await postgres.crash()
        await sleep(ms)
        await postgres.start()
      },
      'the store is silent': async (ms) => {
        postgres.freeze()
        await sleep(ms)
        postgres.thaw()
      },
      'an answer of the store is lost': async () => proxy.loseNextAnswer(),
    },
    countRows: async () => Number((await postgres.query('SELECT count(*) FROM atproto_auth'))[0]?.count),
    async stop() {
      await proxy.stop()
      await postgres.stop()
    },
  }
}

async function openRedis(kind: 'redis' | 'vercel-kv'): Promise<RunPlace> {
  const redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  const proxy = await startLossyProxy(redis.port)
  const throughProxy = `redis://127.0.0.1:${proxy.port}`
  const rest = kind === 'vercel-kv' ? await startKvRestServer(redis.url) : undefined
  const failing = {
    'the store is killed': async (ms: number) => {
      await redis.kill()
      await sleep(ms)
      await redis.start()
    },
    'the store is silent': async (ms: number) => {
      redis.freeze()
      await sleep(ms)
      redis.thaw()
    },
  }
  return {
    kind,
    address: rest ? `${rest.url}#${rest.token}` : throughProxy,
    troubles: {
      ...failing,
      'an answer of the store is lost': async () => (rest ? rest.fail('drop') : proxy.loseNextAnswer()),
      ...(rest && {
        'the store answers with errors': async () => rest.fail(500, 429, 'html', 500),
        'the store is slow': async (ms: number) => {
          rest.delay(400)
          await sleep(ms)
          rest.delay(0)
        },
      }),
    },
    countRows: async () => Number(await redis.command('DBSIZE')),
    async stop() {
      await rest?.stop()
      await proxy.stop()
      await redis.stop()
    },
  }
}

async function openFile(): Promise<RunPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-auth-endurance-'))
  const path = join(folder, 'sessions.sqlite')
  const withFile = async <T>(work: (db: DatabaseSync) => T | Promise<T>) => {
    const db = new DatabaseSync(path)
    try {
      return await work(db)
    } finally {
      db.close()
    }
  }
  return {
    kind: 'sqlite',
    address: path,
    troubles: {
      'another writer has the file': (ms) =>
        withFile(async (db) => {
          await takeFile(db)
          await sleep(ms)
          db.exec('ROLLBACK')
        }),
    },
    countRows: () =>
      withFile((db) => {
        const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
        const counts = tables.map(({ name }) => db.prepare(`SELECT count(*) AS rows FROM "${name}"`).get())
        return counts.reduce((sum, row) => sum + Number(row?.rows ?? 0), 0)
      }),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Without blocking this process while it waits. */
async function takeFile(db: DatabaseSync): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    try {
      db.exec('BEGIN IMMEDIATE')
      return
    } catch {
      // An application writes at this moment.
      await sleep(5)
    }
  }
  throw new Error('The file was never free.')
}
