/** The store that the environment chooses, used as a sign-in uses it. */
import { resolve } from 'node:path'
import { randomToken } from '../../crypto/derive.ts'
import { AtprotoAuthError } from '../../errors.ts'
import type { Store } from '../../store/contract.ts'
import { makeDataDirectory } from '../../store/data-directory.ts'
import { openStore } from '../../store/open-store.ts'
import { chooseStore, type Environment, type StoreChoice } from '../../store/store-choice.ts'
import type { Finding } from './finding.ts'

const CHECK = 'store'
const TTL_MS = 60_000

/** What is said about the store. */
export async function checkStore(env: Environment, folder: string): Promise<Finding> {
  let store: Store | undefined
  let choice: StoreChoice | undefined
  try {
    choice = chooseStore(env)
    store = await openStore(choice, () => dataDirectory(env, folder))
    const isKept = await roundTrip(store)
    if (isKept) return { check: CHECK, level: 'ok', message: `${nameOf(choice)} keeps what it is given` }
    const fix = 'Is the server one of its own, neither a cache that evicts nor a replica that lags?'
    return { check: CHECK, level: 'fail', message: `${nameOf(choice)} lost a value just written`, fix }
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    return { check: CHECK, level: 'fail', message: error.message, fix: fixFor(choice) }
  } finally {
    await store?.close()
  }
}

/** The folder of the file, as the application makes it. */
async function dataDirectory(env: Environment, folder: string): Promise<string> {
  const path = resolve(folder, env.ATPROTO_DATA_DIR || '.atproto-auth')
  await makeDataDirectory(path)
  return path
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

/** @param choice undefined where the environment asks for none that works */
function fixFor(choice: StoreChoice | undefined): string {
  switch (choice?.kind) {
    case 'sqlite':
      return 'Let ATPROTO_DATA_DIR name a folder that the application may write to; without it, that is .atproto-auth here.'
    case 'redis':
      return 'Is Redis running, reachable from here, and REDIS_URL right (host, port, password, rediss:// for TLS)?'
    case 'vercel-kv':
      return 'Are KV_REST_API_URL and KV_REST_API_TOKEN (or those of Upstash) from the same database, and is it there?'
    case undefined:
      return 'Set these variables; or pass a store to createAtprotoAuth(), whose options are not seen here.'
  }
}
