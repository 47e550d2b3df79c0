import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest'
import { expectFairRace } from '../support/contract/race.ts'
import { startKvRestServer } from '../support/kv-rest-server.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
}, 180_000)
afterAll(() => redis?.stop())

describe('two processes on one Redis', () => {
  const title = 'O2 RF-2 S8 never both win the same take, update, delete or lease, and count together'

  it(title, async () => {
    await redis.command('FLUSHALL')
    await expectFairRace('redis', redis.url)
  }, 30_000)

  it(`${title}, over REST`, async () => {
    await redis.command('FLUSHALL')
    const rest = await startKvRestServer(redis.url)
    onTestFinished(() => rest.stop())
    await expectFairRace('vercel-kv', `${rest.url}#${rest.token}`)
  }, 30_000)
})
