import { Redis } from '@upstash/redis'
import { afterAll, beforeAll } from 'vitest'
import { createVercelKvStore } from '../../lib/store/vercel-kv.ts'
import { describeStore } from '../support/contract/describe-store.ts'
import { redisClock } from '../support/contract/redis-clock.ts'
import { createClient } from '../support/contract/vercel-kv-package.ts'
import { type KvRestServer, startKvRestServer } from '../support/kv-rest-server.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer
let rest: KvRestServer
beforeAll(async () => {
  redis = await startRedis()
  rest = await startKvRestServer(redis.url)
}, 180_000)
afterAll(async () => {
  await rest?.stop()
  await redis?.stop()
})

const clients = {
  'the REST interface by URL and token': ({ url, token }: KvRestServer) => ({ url, token }),
  '@upstash/redis as it comes': ({ url, token }: KvRestServer) => ({ client: new Redis({ url, token }) }),
  '@vercel/kv as it comes': ({ url, token }: KvRestServer) => ({ client: createClient({ url, token }) }),
}
for (const [name, options] of Object.entries(clients)) {
  describeStore(
    name,
    async () => {
      await redis.command('FLUSHALL')
      return createVercelKvStore(options(rest))
    },
    redisClock(() => redis),
  )
}
