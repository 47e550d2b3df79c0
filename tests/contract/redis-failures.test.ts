import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { StoreUnavailableError } from '../../lib/errors.ts'
import type { Store } from '../../lib/store/contract.ts'
import { createRedisStore } from '../../lib/store/redis.ts'
import { beBusy } from '../support/contract/busy.ts'
import { endClient } from '../support/contract/end-client.ts'
import { describeLostAnswers } from '../support/contract/lost-answers.ts'
import { MINUTE_MS, times } from '../support/contract/subject.ts'
import { untilBack } from '../support/contract/until-back.ts'
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { refusalOf } from '../support/refusal.ts'

async function serve(...args: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(...args)
  onTestFinished(() => server.stop())
  return server
}

function openAt(url: string): Store {
  const store = createRedisStore({ url })
  onTestFinished(() => store.close())
  return store
}

describe('a Redis that is killed', () => {
  it('S7: makes every call fail, and serves again once it is back, empty', async () => {
    const redis = await serve()
    const store = openAt(redis.url)
    await store.set('key', 'value', MINUTE_MS)
    await redis.kill()
    for (let call = 0; call < 3; call += 1)
      await expect(store.get('key')).rejects.toBeInstanceOf(StoreUnavailableError)
    await redis.start()
    await untilBack(store)
    expect(await store.get('key')).toBeUndefined()
  })

  it('leaves no call without an outcome, and no other one than the error', async () => {
    const redis = await serve()
    const store = openAt(redis.url)
    await store.ping()
    const calls = times(500, (n) =>
      store.set(`key ${n}`, 'x'.repeat(5_000), MINUTE_MS).catch((error: unknown) => error),
    )
    await redis.kill()
    const failures = (await calls).filter((outcome) => outcome !== undefined)
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailableError)
    await redis.start()
    await untilBack(store)
  })

  it('was never there: says so, without the password of its URL', async () => {
    const port = await findFreePort()
    const store = openAt(`redis://user-canary:password-canary@127.0.0.1:${port}/7`)
    const error = await refusalOf(store.get('key'))
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: `Redis, the session store, failed: it cannot be reached at 127.0.0.1:${port} (ECONNREFUSED).`,
    })
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
  })

  it('has a name that does not exist: says which one, and nothing else of its URL', async () => {
    const error = await refusalOf(openAt('redis://user-canary:password-canary@redis.invalid/7').get('key'))
    expect(error.message).toMatch(/it cannot be reached at redis\.invalid:6379 \((ENOTFOUND|EAI_AGAIN)\)\.$/)
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
  })
})

describe('a Redis that is silent', () => {
  it('makes a call fail instead of hanging, and serves when it goes on', async () => {
    const redis = await serve()
    const store = openAt(redis.url)
    await store.set('key', 'value', MINUTE_MS)
    redis.freeze()
    const refusals = await times(20, () => refusalOf(store.get('key')))
    for (const error of refusals)
      expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('in time') })
    // Also what finds it silent from the first greeting on.
    expect(await refusalOf(openAt(redis.url).get('key'))).toBeInstanceOf(StoreUnavailableError)
    redis.thaw()
    await untilBack(store)
    expect((await store.get('key'))?.value).toBe('value')
  }, 20_000)

  it('is CLIENT PAUSE just as well', async () => {
    const redis = await serve()
    const store = openAt(redis.url)
    await store.ping()
    await redis.command('CLIENT', 'PAUSE', '2600', 'ALL')
    expect(await refusalOf(store.get('key'))).toBeInstanceOf(StoreUnavailableError)
    await untilBack(store)
  }, 20_000)
})

describe('a Redis that refuses', () => {
  it('as a replica that may not be written: says so, and serves once it is promoted', async () => {
    const [primary, replica] = [await serve(), await serve()]
    await replica.command('REPLICAOF', '127.0.0.1', String(primary.port))
    const store = openAt(replica.url)
    const calls = [() => store.set('key', 'value', MINUTE_MS), () => store.lease('key', 'alice', MINUTE_MS)]
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringMatching(/replica/),
      })
    await replica.command('REPLICAOF', 'NO', 'ONE')
    await store.set('key', 'value', MINUTE_MS)
    expect(await store.take('key')).toBe('value')
  })

  it('because its memory is full: says so, and still lets sessions be read, taken and deleted', async () => {
    const redis = await serve('--maxmemory-policy', 'noeviction')
    const store = openAt(redis.url)
    for (const key of ['read', 'taken', 'deleted']) await store.set(key, 'value', MINUTE_MS)
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    await expect(store.set('key', 'value', MINUTE_MS)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('maxmemory'),
    })
    expect([
      (await store.get('read'))?.value,
      await store.take('taken'),
      await store.delete('deleted'),
      await store.get('taken'),
      await store.get('deleted'),
    ]).toEqual(['value', 'value', true, undefined, undefined])
  })

  it.each([
    ['no password', '', /wants a password/],
    ['a wrong password', ':wrong-canary@', /refused the user, password/],
  ])('%s: says so, and does not quote it', async (_what, credentials, message) => {
    const redis = await serve('--requirepass', 'right-canary')
    const error = await refusalOf(openAt(`redis://${credentials}127.0.0.1:${redis.port}`).get('key'))
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringMatching(message) })
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
    await openAt(`redis://:right-canary@127.0.0.1:${redis.port}`).ping()
  })

  it('a user who may not run scripts: says what must be allowed', async () => {
    const redis = await serve()
    await redis.command('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '+@connection')
    const store = openAt(`redis://reader:secret@127.0.0.1:${redis.port}`)
    await expect(store.get('key')).rejects.toMatchObject({ message: expect.stringContaining('EVAL') })
  })
})

describe('a Redis connection that breaks after the command was run', () => {
  let redis: RedisServer
  let proxy: LossyProxy
  beforeAll(async () => {
    redis = await startRedis()
    proxy = await startLossyProxy(redis.port)
  })
  afterAll(async () => {
    await proxy?.stop()
    await redis?.stop()
  })

  describeLostAnswers({
    async open() {
      await redis.command('FLUSHALL')
      const store = openAt(`redis://127.0.0.1:${proxy.port}`)
      await store.ping()
      return store
    },
    loseNextAnswer: () => proxy.loseNextAnswer(),
  })

  it('was really broken', () => {
    expect(proxy.lost).toBeGreaterThanOrEqual(10)
  })
})

describe('a closed Redis store', () => {
  it('refuses, and ends what is under way', async () => {
    const redis = await serve()
    const store = openAt(redis.url)
    await store.ping()
    redis.freeze()
    const pending = refusalOf(store.get('key'))
    await store.close()
    expect(await pending).toBeInstanceOf(StoreUnavailableError)
    expect(await refusalOf(store.get('key'))).toBeInstanceOf(StoreUnavailableError)
  })

  it('takes no URL of something else, and does not quote it', () => {
    for (const url of ['https://user:canary@host', 'host-canary:6379', ''])
      expect(() => createRedisStore({ url })).toThrow(
        expect.objectContaining({ code: 'configuration', message: expect.not.stringContaining('canary') }),
      )
  })
})

describe('a process that is busy with other things for longer than a command may take', () => {
  it('S5 takes the answers that came meanwhile, on a connection of the library', async () => {
    const redis = await serve()
    const store = openAt(redis.url)
    await store.set('key', 'value', MINUTE_MS)
    const calls = times(200, () => store.get('key'))
    beBusy(2_500)
    for (const found of await calls) expect(found?.value).toBe('value')
  })

  it('S5 takes the answers that came meanwhile, on a client of the application', async () => {
    const redis = await serve()
    const client = createClient({ url: redis.url })
    await client.connect()
    onTestFinished(() => endClient(client))
    const store = createRedisStore({ client })
    await store.set('key', 'value', MINUTE_MS)
    const calls = times(200, () => store.get('key'))
    beBusy(2_500)
    for (const found of await calls) expect(found?.value).toBe('value')
  })
})
