import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkStore } from '../../lib/cli/doctor/check-store.ts'
import { readRedisPolicy } from '../../lib/store/redis-eviction.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis?.stop())

const check = async (url: string) => (await checkStore({ REDIS_URL: url }, '/'))[0]

it('doctor is content with noeviction', async () => {
  expect(await readRedisPolicy(redis.url)).toBe('noeviction')
  expect(await check(redis.url)).toMatchObject({ check: 'store', level: 'ok' })
})

it.each(['allkeys-lru', 'volatile-ttl'])('doctor warns of %s, which signs users out', async (policy) => {
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', policy)
  expect(await check(redis.url)).toMatchObject({
    level: 'warn',
    message: expect.stringContaining(`maxmemory-policy ${policy}`),
    fix: expect.stringContaining('noeviction'),
  })
})

it('doctor does without the policy where the user may not read it', async () => {
  await redis.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-info')
  const url = redis.url.replace('://', '://app:secret@')
  expect(await readRedisPolicy(url)).toBeUndefined()
  expect(await check(url)).toMatchObject({ level: 'ok' })
})
