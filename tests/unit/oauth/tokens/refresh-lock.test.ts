import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256 } from '../../../../lib/crypto/hash.ts'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { StoreUnavailableError, TokenRefreshError } from '../../../../lib/errors.ts'
import { createLeaseLock, type HeldLock } from '../../../../lib/oauth/tokens/refresh-lock.ts'
import type { Store } from '../../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { createContext, sessionRow } from '../../../support/unit/context.ts'
import { useFakeTimers, useRealTimers } from '../../../support/unit/fake-timers.ts'

const session = { id: 'id', row: sessionRow(await generatePrivateJwk()), generation: 1 }
const KEY = `refresh:${sha256('id')}`
const { sessions } = createContext()

beforeEach(() => useFakeTimers())
afterEach(() => useRealTimers())

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a lease lock', () => {
  it('S5 gives up after 45 seconds also where every answer of the store takes two', async () => {
    const store: Store = {
      ...createMemoryStore(),
      async lease() {
        await sleep(2_000)
        return false
      },
    }
    const read = async () => {
      await sleep(2_000)
      return session
    }
    const lock = createLeaseLock({ store, sessions: { ...sessions, read } })
    let outcome: unknown
    lock
      .run(session, async () => session)
      .catch((error: unknown) => {
        outcome = error
      })
    await vi.advanceTimersByTimeAsync(44_000)
    expect(outcome).toBeUndefined()
    await vi.advanceTimersByTimeAsync(6_000)
    expect(outcome).toBeInstanceOf(TokenRefreshError)
  })

  it('RF-2 leaves no lease behind when the refresh ends while the lease is being renewed', async () => {
    const memory = createMemoryStore()
    const landing = Promise.withResolvers<void>()
    let leases = 0
    const store: Store = {
      ...memory,
      async lease(...values) {
        leases += 1
        if (leases === 2) await landing.promise
        return memory.lease(...values)
      },
    }
    const done = createLeaseLock({ store, sessions }).run(session, async () => {
      await sleep(5_001)
      return session
    })
    await vi.advanceTimersByTimeAsync(6_000)
    expect(leases).toBe(2)
    landing.resolve()
    await done
    await vi.advanceTimersByTimeAsync(0)
    expect(await memory.lease(KEY, 'another process', 1_000)).toBe(true)
  })

  it('keeps the lease of a refresh that takes longer than it', async () => {
    const store = createMemoryStore()
    const done = createLeaseLock({ store, sessions }).run(session, async () => {
      await sleep(29_000)
      return session
    })
    await vi.advanceTimersByTimeAsync(28_000)
    expect(await store.lease(KEY, 'another process', 1_000)).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await done).toBe(session)
    expect(await store.lease(KEY, 'another process', 1_000)).toBe(true)
  })

  it('S3 is held as long as it was asked for, also when nothing extends it any more', async () => {
    const { store, stand } = createStandingStore()
    const work = vi.fn(async (lock: HeldLock) => {
      lock.keepFor(35_000)
      await sleep(60_000)
      return session
    })
    const done = createLeaseLock({ store, sessions }).run(session, work)
    await vi.advanceTimersByTimeAsync(11_000)
    stand()
    // What was asked for at 0 s holds until 35 s; the extension at 10 s has not shortened it.
    await vi.advanceTimersByTimeAsync(23_500)
    expect(await store.lease(KEY, 'another process', 1_000)).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await store.lease(KEY, 'another process', 1_000)).toBe(true)
    await vi.advanceTimersByTimeAsync(25_000)
    expect(await done).toBe(session)
  })

  it('S2 ends after 15 seconds where nothing was asked for', async () => {
    const { store, stand } = createStandingStore()
    const done = createLeaseLock({ store, sessions }).run(session, async () => {
      stand()
      await sleep(60_000)
      return session
    })
    await vi.advanceTimersByTimeAsync(14_500)
    expect(await store.lease(KEY, 'another process', 1_000)).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await store.lease(KEY, 'another process', 1_000)).toBe(true)
    await vi.advanceTimersByTimeAsync(45_000)
    expect(await done).toBe(session)
  })
})

/** A store that one process reaches no more once that process stands still. */
function createStandingStore() {
  const memory = createMemoryStore()
  let isStanding = false
  const store: Store = {
    ...memory,
    lease: async (key, owner, ttlMs) => {
      if (isStanding && owner !== 'another process') throw new StoreUnavailableError('standing still')
      return memory.lease(key, owner, ttlMs)
    },
  }
  return { store, stand: () => (isStanding = true) }
}
