/** Opens a store by what a test process is told on its command line. */
import type { Store } from '../../../lib/store/contract.ts'
import { createPostgresStore } from '../../../lib/store/postgres/index.ts'
import { createRedisStore } from '../../../lib/store/redis.ts'
import { createSqliteStore } from '../../../lib/store/sqlite.ts'
import { createVercelKvStore } from '../../../lib/store/vercel-kv.ts'

/** @param address a path for `sqlite`, a URL for `redis` and `postgres`, a URL with the token as its fragment for `vercel-kv` */
export function openStore(kind: string, address: string): Store {
  if (kind === 'sqlite') return createSqliteStore({ path: address })
  if (kind === 'redis') return createRedisStore({ url: address })
  if (kind === 'postgres') return createPostgresStore({ url: address, migrate: true })
  if (kind === 'vercel-kv') {
    const [url = '', token = ''] = address.split('#')
    return createVercelKvStore({ url, token })
  }
  throw new TypeError(`There is no store of the kind ${kind}.`)
}
