/** Stores that two versions of the library have open at the same time, each with the driver of its version. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'next-atproto-auth/oauth'
import { onTestFinished } from 'vitest'
import { type KvRestServer, startKvRestServer } from '../../support/kv-rest-server.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import type { Library } from './library.ts'

/** Opens the store of the test with the driver of a version. */
export type OpenStore = (library: Library, now: () => number) => Store

export interface SharedStore {
  readonly name: string
  /** A new, empty store. */
  create(): Promise<OpenStore>
}

export const sqlite: SharedStore = {
  name: 'SQLite',
  async create() {
    const folder = mkdtempSync(join(tmpdir(), 'atproto-versions-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return (library, now) => {
      const store = library.createSqliteStore({ path: join(folder, 'sessions.sqlite'), now })
      onTestFinished(() => store.close())
      return store
    }
  },
}

let servers: { readonly redis: RedisServer; readonly rest: KvRestServer } | undefined

/** Starts Redis before the first test, and installs it where it is missing. */
export async function startServers(): Promise<void> {
  const redis = await startRedis()
  servers = { redis, rest: await startKvRestServer(redis.url) }
}

export async function stopServers(): Promise<void> {
  await servers?.rest.stop()
  await servers?.redis.stop()
}

/** Redis behind the REST protocol of Upstash. Entries expire by the clock of Redis. */
export const redis: SharedStore = {
  name: 'Redis',
  async create() {
    if (!servers) throw new Error('The servers were not started.')
    await servers.redis.command('FLUSHALL')
    const { url, token } = servers.rest
    return (library) => library.createVercelKvStore({ url, token })
  },
}
