/**
 * Opens the chosen store. A driver is loaded only when it is used, because the clients it needs are optional packages.
 */
import { join } from 'node:path'
import type { StoreChoice } from './choose-store.ts'
import type { Store } from './contract.ts'
import { STORE_FILE } from './data-directory.ts'

/**
 * Opens the store.
 *
 * @param dataDirectory creates the folder of the file and returns its path; called for SQLite only
 * @throws ConfigurationError when a client package is missing; StoreUnavailableError
 */
export async function openStore(choice: StoreChoice, dataDirectory: () => Promise<string>): Promise<Store> {
  if (choice.kind === 'vercel-kv') {
    const { createVercelKvStore } = await import('./vercel-kv.ts')
    return createVercelKvStore(choice)
  }
  if (choice.kind === 'redis') {
    const { createRedisStore } = await import('./redis.ts')
    return createRedisStore(choice)
  }
  if (choice.kind === 'postgres') {
    const { createPostgresStore } = await import('./postgres/index.ts')
    return createPostgresStore(choice)
  }
  const { createSqliteStore } = await import('./sqlite.ts')
  return createSqliteStore({ path: join(await dataDirectory(), STORE_FILE) })
}

/**
 * Loads the client package of the store, which its first use would load, and opens nothing.
 *
 * @throws ConfigurationError when the package is not installed
 */
export async function loadDriver({ kind }: StoreChoice): Promise<void> {
  if (kind === 'vercel-kv') await (await import('./vercel-kv-client.ts')).loadRestClient()
  if (kind === 'redis') await (await import('./redis-connection.ts')).loadRedis()
  if (kind === 'postgres') await (await import('./postgres/pool.ts')).loadPg()
}

/**
 * Returns a Redis server's `maxmemory-policy`, such as `noeviction`; undefined for another store, and when the server
 * does not tell.
 */
export async function readEvictionPolicy(choice: StoreChoice): Promise<string | undefined> {
  if (choice.kind !== 'redis') return
  const { readRedisPolicy } = await import('./redis-eviction.ts')
  return readRedisPolicy(choice.url)
}
