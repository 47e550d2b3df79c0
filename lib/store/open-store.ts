/** Opens the store that was chosen. Each driver is loaded only where it is used: their clients are optional packages. */
import { join } from 'node:path'
import type { StoreChoice } from './choose-store.ts'
import type { Store } from './contract.ts'
import { STORE_FILE } from './data-directory.ts'

/**
 * The store.
 *
 * @param dataDirectory makes the folder of the file, when the choice is one
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
  const { createSqliteStore } = await import('./sqlite.ts')
  return createSqliteStore({ path: join(await dataDirectory(), STORE_FILE) })
}
