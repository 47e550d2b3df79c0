import * as redisPackage from 'redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createRedisStore } from '../../lib/store/redis.ts'
import { describeStore } from '../support/contract/describe-store.ts'
import { endClient } from '../support/contract/end-client.ts'
import { redisClock } from '../support/contract/redis-clock.ts'
import { MINUTE_MS, times } from '../support/contract/subject.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
}, 180_000)
afterAll(() => redis?.stop())

describeStore(
  'Redis',
  async () => {
    await redis.command('FLUSHALL')
    return createRedisStore({ url: redis.url })
  },
  redisClock(() => redis),
)

/** A store that is closed when the test is over. */
function openStore(prefix?: string) {
  const store = createRedisStore({ url: redis.url, ...(prefix !== undefined && { prefix }) })
  onTestFinished(() => store.close())
  return store
}

describe('what a Redis store keeps', () => {
  it('CB-8 O12 is all under its prefix and all has an end', async () => {
    await redis.command('FLUSHALL')
    const store = openStore('mine:')
    await store.set('set', 'value', MINUTE_MS)
    await store.set('taken', 'value', MINUTE_MS)
    await store.take('taken')
    await store.set('deleted', 'value', MINUTE_MS)
    await store.delete('deleted')
    await store.increment('counted', MINUTE_MS)
    await store.increment('counted', MINUTE_MS)
    await store.lease('leased', 'alice', MINUTE_MS)
    await store.addMember('index', 'member', MINUTE_MS)
    await store.ping()
    const keys = await redis.command('KEYS', '*')
    if (!Array.isArray(keys)) throw new TypeError('KEYS answers a list')
    expect(keys).toHaveLength(7)
    for (const key of keys.map(String)) {
      expect(key).toMatch(/^mine:/)
      expect(Number(await redis.command('PTTL', key))).toBeGreaterThan(0)
    }
  })

  it('is not seen under another prefix', async () => {
    const [first, second] = [openStore('one:'), openStore('two:')]
    await first.set('key', 'value', MINUTE_MS)
    await first.lease('key', 'alice', MINUTE_MS)
    expect([await second.get('key'), await second.lease('key', 'bob', MINUTE_MS)]).toEqual([undefined, true])
  })

  it('holds no value any more once it was deleted', async () => {
    await redis.command('FLUSHALL')
    const store = openStore()
    await store.set('key', 'value-canary', MINUTE_MS)
    await store.delete('key')
    expect(await redis.command('GET', 'atproto:row:key')).not.toContain('canary')
  })

  it('is refused when somebody else wrote it', async () => {
    const store = openStore('foreign:')
    await redis.command('SET', 'foreign:row:key', 'hello')
    for (const call of [() => store.get('key'), () => store.take('key')])
      await expect(call()).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})

describe('a client that was handed in', () => {
  it('serves, and is left open when the store is closed', async () => {
    const client = redisPackage.createClient({ url: redis.url })
    await client.connect()
    onTestFinished(() => endClient(client))
    const store = createRedisStore({ client, prefix: 'handed:' })
    await store.set('key', 'value', MINUTE_MS)
    expect(await times(20, () => store.increment('count', MINUTE_MS))).toHaveLength(20)
    await store.close()
    await expect(store.get('key')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await client.ping()).toBe('PONG')
  })

  // Version 4 of the package has no pools of this kind.
  if ('createClientPool' in redisPackage) {
    it('may be a pool', async () => {
      const client = redisPackage.createClient({ url: redis.url }).createPool()
      await client.connect()
      onTestFinished(() => client.destroy())
      const store = createRedisStore({ client, prefix: 'pool:' })
      await store.set('key', 'value', MINUTE_MS)
      expect(await store.take('key')).toBe('value')
    })
  }
})
