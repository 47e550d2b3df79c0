/** The store that the environment chooses, used as a sign-in uses it. */
import { join, resolve } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { AtprotoAuthError } from '../errors.ts'
import { chooseStore, type Environment, type StoreChoice } from '../next/store-choice.ts'
import type { Store } from '../store/contract.ts'
import { makeDataDirectory, STORE_FILE } from '../store/data-directory.ts'
import type { Finding } from './doctor-finding.ts'

const CHECK = 'store'
const TTL_MS = 60_000

/** What is said about the store. */
export async function checkStore(env: Environment, folder: string): Promise<Finding> {
  let store: Store | undefined
  try {
    const choice = chooseStore(env)
    store = await open(choice, env, folder)
    const isKept = await roundTrip(store)
    if (isKept) return { check: CHECK, level: 'ok', message: `${nameOf(choice)} keeps what it is given` }
    const fix = 'Is the server one of its own, neither a cache that evicts nor a replica that lags?'
    return { check: CHECK, level: 'fail', message: `${nameOf(choice)} lost a value just written`, fix }
  } catch (error) {
    if (error instanceof AtprotoAuthError) return { check: CHECK, level: 'fail', message: error.message }
    throw error
  } finally {
    await store?.close()
  }
}

/** Each driver is loaded only where it is used: their clients are optional packages. */
async function open(choice: StoreChoice, env: Environment, folder: string): Promise<Store> {
  if (choice.kind === 'vercel-kv') {
    const { createVercelKvStore } = await import('../store/vercel-kv.ts')
    return createVercelKvStore(choice)
  }
  if (choice.kind === 'redis') {
    const { createRedisStore } = await import('../store/redis.ts')
    return createRedisStore(choice)
  }
  const { createSqliteStore } = await import('../store/sqlite.ts')
  const path = resolve(folder, env.ATPROTO_DATA_DIR || '.atproto-auth')
  await makeDataDirectory(path)
  return createSqliteStore({ path: join(path, STORE_FILE) })
}

/** Everything that a sign-in and a refresh ask of a store, with a key that nobody else has. */
async function roundTrip(store: Store): Promise<boolean> {
  const key = `doctor:${randomToken()}`
  await store.ping()
  await store.set(key, 'first', TTL_MS)
  const isUpdated = await store.update(key, 'second', 1, TTL_MS)
  const isLeased = await store.lease(key, 'doctor', TTL_MS)
  await store.release(key, 'doctor')
  const taken = await store.take(key)
  return isUpdated && isLeased && taken === 'second' && (await store.get(key)) === undefined
}

/** Without the address: it may hold a password. */
function nameOf({ kind }: StoreChoice): string {
  return { sqlite: 'SQLite', redis: 'Redis', 'vercel-kv': 'Vercel KV / Upstash Redis' }[kind]
}
