import { describe, expect, it } from 'vitest'
import { AtprotoAuthError, OAuthResolverError } from '../../../lib/errors.ts'
import { createCache, recallFrom } from '../../../lib/identity/cache.ts'
import { heapInUse } from '../../support/unit/heap.ts'

const MIB = 1024 * 1024

/** A cache of one minute, on a clock that the test moves, and a count of what was loaded. */
function setUp() {
  let time = 1_000_000
  const cache = createCache<string>(60_000)
  const loaded: string[] = []
  const now = () => time
  const recall = (key: string, options: { fresh?: boolean; signal?: AbortSignal } = {}) => {
    const load = async () => {
      loaded.push(key)
      return `${key}${loaded.length}`
    }
    return cache.recall(key, load, { now, ...options })
  }
  const fail = (key: string, error: Error, options: { fresh?: boolean } = {}) => {
    const load = async () => {
      loaded.push(key)
      throw error
    }
    return cache.recall(key, load, { now, ...options })
  }
  const advance = (ms: number) => {
    time += ms
  }
  return { cache, loaded, recall, fail, advance, now }
}

describe('a look-up without a cache', () => {
  it('is made each time, and ends with the signal of its caller', async () => {
    const { signal } = new AbortController()
    const seen: unknown[] = []
    const load = async (until?: AbortSignal) => seen.push(until)
    for (const _ of [1, 2]) await recallFrom(undefined, 'a', load, { signal })
    expect(seen).toEqual([signal, signal])
  })

  it('is not ended by its caller where a cache shares it', async () => {
    const seen: unknown[] = []
    const load = async (until?: AbortSignal) => seen.push(until)
    for (const _ of [1, 2])
      await recallFrom(createCache(60_000), 'a', load, { signal: new AbortController().signal })
    expect(seen).toEqual([undefined, undefined])
  })
})

const ours = new AtprotoAuthError('identity_not_found', 'nobody there')

describe('a cache', () => {
  it('ID-10 gives an answer again until its time is over', async () => {
    const { recall, advance } = setUp()
    expect(await recall('a')).toBe('a1')
    advance(59_999)
    expect(await recall('a')).toBe('a1')
    advance(1)
    expect(await recall('a')).toBe('a2')
  })

  it('ID-10 passes over what it remembers when asked to, and remembers the new answer', async () => {
    const { recall } = setUp()
    await recall('a')
    expect(await recall('a', { fresh: true })).toBe('a2')
    expect(await recall('a')).toBe('a2')
  })

  it('is not set back by a slower look-up that began before a fresh one', async () => {
    const { cache, recall, now } = setUp()
    const slow = Promise.withResolvers<string>()
    const waiting = cache.recall('a', () => slow.promise, { now })
    await recall('a', { fresh: true })
    slow.resolve('old')
    expect([await waiting, await recall('a')]).toEqual(['old', 'a1'])
  })

  it('is not set back by a slower fresh look-up that began before another one', async () => {
    const { cache, recall, now } = setUp()
    const slow = Promise.withResolvers<string>()
    await recall('a')
    const waiting = cache.recall('a', () => slow.promise, { now, fresh: true })
    await recall('a', { fresh: true })
    slow.resolve('old')
    expect([await waiting, await recall('a')]).toEqual(['old', 'a2'])
  })

  it('goes on giving a good answer while a fresh look-up is under way', async () => {
    const { cache, recall, now } = setUp()
    await recall('a')
    const slow = Promise.withResolvers<string>()
    const waiting = cache.recall('a', () => slow.promise, { now, fresh: true })
    expect(await recall('a')).toBe('a1')
    slow.resolve('new')
    expect([await waiting, await recall('a')]).toEqual(['new', 'new'])
  })

  it('keeps a good answer where the server was down for a fresh look-up', async () => {
    const { fail, recall, advance } = setUp()
    const down = new OAuthResolverError('server_unavailable', 'down')
    await recall('a')
    await expect(fail('a', down, { fresh: true })).rejects.toBe(down)
    advance(59_999)
    expect(await recall('a')).toBe('a1')
    advance(1)
    expect(await recall('a')).toBe('a3')
  })

  it('ID-10 keeps no answer that a fresh look-up has found to be over', async () => {
    const { fail, recall } = setUp()
    await recall('a')
    await expect(fail('a', ours, { fresh: true })).rejects.toBe(ours)
    await expect(recall('a')).rejects.toBe(ours)
  })

  it('N11 shares one look-up between all that ask at the same time', async () => {
    const { recall, loaded } = setUp()
    const answers = await Promise.all(Array.from({ length: 100 }, () => recall('a')))
    expect([new Set(answers), loaded]).toEqual([new Set(['a1']), ['a']])
  })

  it('N11 remembers for half a minute that a name leads nowhere', async () => {
    const { fail, recall, loaded, advance } = setUp()
    await expect(fail('a', ours)).rejects.toBe(ours)
    advance(29_999)
    await expect(recall('a')).rejects.toBe(ours)
    advance(1)
    expect(await recall('a')).toBe('a2')
    expect(loaded).toEqual(['a', 'a'])
  })

  it('N11 does not remember that a server was down: it may be up for the next try', async () => {
    const { fail, recall } = setUp()
    const down = new OAuthResolverError('server_unavailable', 'down')
    await expect(fail('a', down)).rejects.toBe(down)
    expect(await recall('a')).toBe('a2')
  })

  it('does not remember a failure that is not ours: that is a fault of the program', async () => {
    const { fail, recall } = setUp()
    await expect(fail('a', new TypeError('bug'))).rejects.toThrow('bug')
    expect(await recall('a')).toBe('a2')
  })

  it('lets one caller give up without ending the look-up for the others', async () => {
    const { cache, now } = setUp()
    const answer = Promise.withResolvers<string>()
    const reason = new Error('the caller left')
    const controller = new AbortController()
    const leaving = cache.recall('a', () => answer.promise, { now, signal: controller.signal })
    const staying = cache.recall('a', () => answer.promise, { now, signal: new AbortController().signal })
    controller.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    answer.resolve('found')
    expect(await staying).toBe('found')
  })

  it('lets nobody join who has given up already', async () => {
    const { recall } = setUp()
    const reason = new Error('the caller left')
    await expect(recall('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('forgets what was used longest ago', async () => {
    const { recall, cache } = setUp()
    for (let index = 0; index < 1_000; index += 1) await recall(`k${index}`)
    await recall('k0')
    await recall('one more')
    expect([cache.size, await recall('k0'), await recall('k1')]).toEqual([1_000, 'k01', 'k11002'])
  })

  it('forgets earlier where it was told to keep less', async () => {
    const small = createCache<string>(60_000, 2)
    for (const key of ['a', 'b', 'c']) await small.recall(key, async () => key, {})
    expect(small.size).toBe(2)
  })

  it('L5 stays at a thousand answers after a million names, in less than a MiB', {
    timeout: 60_000,
  }, async () => {
    const { cache, now } = setUp()
    const fill = async (filled: typeof cache, names: number) => {
      for (let index = 0; index < names; index += 1)
        await filled.recall(`name-${index}.host.dev`, async () => 'x', { now })
    }
    // Compiled code is there before the size is taken.
    await fill(setUp().cache, 10_000)
    const before = heapInUse()
    await fill(cache, 1_000_000)
    expect(cache.size).toBe(1_000)
    expect(heapInUse() - before).toBeLessThan(MIB)
  })
})
