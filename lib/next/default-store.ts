/** The store of an application that names none: it is opened once it is needed. */
import 'server-only'
import { join } from 'node:path'
import type { Store } from '../store/contract.ts'
import { dataDirectory } from './data-directory.ts'
import { chooseStore } from './store-choice.ts'

/**
 * Opens what the environment asks for. Each driver is loaded only where it is used.
 *
 * @throws ConfigurationError; StoreUnavailableError when the file cannot be made
 */
export async function openDefaultStore(): Promise<Store> {
  const choice = chooseStore(process.env)
  if (choice.kind === 'vercel-kv') {
    const { createVercelKvStore } = await import('../store/vercel-kv.ts')
    return createVercelKvStore(choice)
  }
  if (choice.kind === 'redis') {
    const { createRedisStore } = await import('../store/redis.ts')
    return createRedisStore(choice)
  }
  const { createSqliteStore } = await import('../store/sqlite.ts')
  return createSqliteStore({ path: join(await dataDirectory(), 'sessions.sqlite') })
}
