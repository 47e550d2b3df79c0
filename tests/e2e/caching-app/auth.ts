/**
 * An application whose pages try to keep a session in each of Next's caches, ask for it many times over, and lead to
 * the library's routes by links that are fetched ahead.
 */
import { join } from 'node:path'
import { createAtprotoAuth } from 'next-atproto-auth'
import { createSqliteStore } from '../../../lib/store/sqlite.ts'
import { reads } from './reads.ts'

const { DEMO_NETWORK, ATPROTO_DATA_DIR } = process.env

export const auth = createAtprotoAuth({
  loginLimits: { perIdentifier: 5 },
  ...(DEMO_NETWORK && { localNetwork: JSON.parse(DEMO_NETWORK) }),
  ...(ATPROTO_DATA_DIR && { store: countingStore(join(ATPROTO_DATA_DIR, 'sessions.sqlite')) }),
})

/** The default store, with its reads counted. */
function countingStore(path: string) {
  const store = createSqliteStore({ path })
  return {
    ...store,
    get(key: string) {
      reads.count += 1
      return store.get(key)
    },
  }
}
