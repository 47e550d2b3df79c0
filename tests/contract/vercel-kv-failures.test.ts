import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../lib/errors.ts'
import { createVercelKvStore, type VercelKvStoreOptions } from '../../lib/store/vercel-kv.ts'
import { beBusy } from '../support/contract/busy.ts'
import { describeLostAnswers } from '../support/contract/lost-answers.ts'
import { MINUTE_MS, times } from '../support/contract/subject.ts'
import { createClient } from '../support/contract/vercel-kv-package.ts'
import { type Fault, type KvRestServer, startKvRestServer } from '../support/kv-rest-server.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { refusalOf } from '../support/refusal.ts'

let redis: RedisServer
let rest: KvRestServer
beforeAll(async () => {
  redis = await startRedis()
}, 180_000)
beforeEach(async () => {
  await redis.command('FLUSHALL')
  rest = await startKvRestServer(redis.url)
  return () => rest.stop()
})
afterAll(() => redis?.stop())

const clients: Readonly<Record<string, () => VercelKvStoreOptions>> = {
  'by URL and token': () => ({ url: rest.url, token: rest.token }),
  'by @upstash/redis as it comes': () => ({ client: new Redis({ url: rest.url, token: rest.token }) }),
  'by @vercel/kv as it comes': () => ({ client: createClient({ url: rest.url, token: rest.token }) }),
}

describe.each(Object.entries(clients))('a lost answer, %s', (_name, options) => {
  describeLostAnswers({
    open: async () => createVercelKvStore(options()),
    loseNextAnswer: () => rest.fail('drop'),
  })

  it.each(['123', '{"a":1}', '"text"', 'null', 'true', '[1]', 'OK', '1e400', '\uFEFFtext', 'T0s='])(
    'a value, key or member that looks like %s comes back as it was',
    async (text) => {
      const store = createVercelKvStore(options())
      await store.set(text, text, MINUTE_MS)
      await store.addMember('index', text, MINUTE_MS)
      expect([(await store.get(text))?.value, await store.members('index'), await store.take(text)]).toEqual([
        text,
        [text],
        text,
      ])
    },
  )
})

describe('a REST interface that fails', () => {
  const faults: readonly (readonly [Fault, RegExp])[] = [
    [401, /refused the user, password or token/],
    [429, /used up/],
    [500, /failed/],
    ['html', /not the REST interface/],
  ]
  describe.each(Object.entries(clients))('%s', (_name, options) => {
    it.each(faults)('with %s: says so, without token, key or value', async (fault, message) => {
      const store = createVercelKvStore(options())
      rest.fail(fault)
      const error = await refusalOf(store.set('key-canary', 'value-canary', MINUTE_MS))
      expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringMatching(message) })
      expect(`${error.stack} ${error.cause}`).not.toContain('canary')
      await store.set('key-canary', 'value-canary', MINUTE_MS)
      expect((await store.get('key-canary'))?.value).toBe('value-canary')
    })
  })

  it('with silence: does not hang', async () => {
    const stores = Object.values(clients).map((options) => createVercelKvStore(options()))
    rest.fail(...stores.map((): Fault => 'silent'))
    for (const error of await Promise.all(stores.map((store) => refusalOf(store.get('key')))))
      expect(error).toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('in time'),
      })
    for (const store of stores) expect(await store.get('key')).toBeUndefined()
  })

  it('with a wrong token: says so, and does not quote it', async () => {
    const error = await refusalOf(createVercelKvStore({ url: rest.url, token: 'wrong-canary' }).get('key'))
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/refused the user, password or token/),
    })
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
  })

  it('because nobody is there: says so', async () => {
    const port = await findFreePort()
    const store = createVercelKvStore({ url: `http://127.0.0.1:${port}`, token: 'token' })
    expect(await refusalOf(store.get('key'))).toMatchObject({
      message: expect.stringContaining(`it cannot be reached at 127.0.0.1:${port} (ECONNREFUSED)`),
    })
  })

  it('because its name does not exist: says which one, and not its token', async () => {
    const url = 'https://kv.invalid/canary-path'
    const error = await refusalOf(createVercelKvStore({ url, token: 'canary-token' }).get('key'))
    expect(error.message).toMatch(/it cannot be reached at kv\.invalid:443 \((ENOTFOUND|EAI_AGAIN)\)\.$/)
    expect(`${error.stack} ${error.cause}`).not.toContain('canary')
  })

  it('because the Redis behind it does: says so, and serves once that is back', async () => {
    const store = createVercelKvStore({ url: rest.url, token: rest.token })
    await store.ping()
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    expect(await refusalOf(store.set('key', 'value', MINUTE_MS))).toMatchObject({
      message: expect.stringMatching(/maxmemory/),
    })
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    await store.set('key', 'value', MINUTE_MS)
  })
})

describe('a store behind a REST interface', () => {
  it('costs one request per operation', async () => {
    const store = createVercelKvStore({ url: rest.url, token: rest.token })
    await store.set('key', 'value', MINUTE_MS)
    await store.get('key')
    await store.update('key', 'new', 1, MINUTE_MS)
    await store.take('key')
    await store.lease('key', 'alice', MINUTE_MS)
    await store.release('key', 'alice')
    await store.increment('key', MINUTE_MS)
    await store.addMember('index', 'member', MINUTE_MS)
    await store.members('index')
    await store.delete('key')
    await store.ping()
    expect(rest.requests).toBe(11)
  })

  it('S7: reads by script: what reads plainly may be sent to a replica that lags (S7)', async () => {
    const store = createVercelKvStore({ url: rest.url, token: rest.token })
    await store.get('key')
    await store.members('index')
    expect(rest.commands.map(([name]) => name?.toLowerCase())).toEqual(['eval', 'eval'])
  })

  it('S8: gives a lease to one of many while answers are lost', async () => {
    const store = createVercelKvStore({ url: rest.url, token: rest.token })
    rest.fail(...Array.from({ length: 10 }, (): Fault => 'drop'))
    const held = await times(20, (n) => store.lease('key', `owner ${n}`, MINUTE_MS))
    expect(held.filter(Boolean)).toHaveLength(1)
  })

  it('is refused without an address or a token, and quotes neither', () => {
    for (const options of [
      { url: 'redis://user:canary@host', token: 'canary' },
      { url: '', token: 'canary' },
      { url: 'https://canary.example', token: ' ' },
    ])
      expect(() => createVercelKvStore(options)).toThrow(
        expect.objectContaining({ code: 'configuration', message: expect.not.stringContaining('canary') }),
      )
  })

  it('refuses once it is closed', async () => {
    const store = createVercelKvStore({ url: rest.url, token: rest.token })
    await store.close()
    expect(await refusalOf(store.get('key'))).toBeInstanceOf(StoreUnavailableError)
  })

  it('takes nothing for an answer that a client made up when its signal fired', async () => {
    const client = new Redis({ url: rest.url, token: rest.token, signal: AbortSignal.abort() })
    const store = createVercelKvStore({ client })
    for (const call of [
      () => store.get('key'),
      () => store.take('key'),
      () => store.lease('key', 'alice', MINUTE_MS),
      () => store.members('key'),
    ])
      expect(await refusalOf(call())).toBeInstanceOf(StoreUnavailableError)
  })
})

describe('a process that is busy with other things for longer than an operation may take', () => {
  it.each(Object.entries(clients))('S5 takes the answers that come then, %s', async (_name, options) => {
    const store = createVercelKvStore(options())
    await store.set('key', 'value', MINUTE_MS)
    rest.delay(100)
    const calls = times(20, () => store.get('key'))
    await pause(50)
    beBusy(2_500)
    for (const found of await calls) expect(found?.value).toBe('value')
  })
})
