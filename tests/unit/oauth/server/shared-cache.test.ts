import { describe, expect, it } from 'vitest'
import { createBlindIndex } from '../../../../lib/crypto/blind-index.ts'
import { createSealer } from '../../../../lib/crypto/seal.ts'
import { StoreUnavailableError } from '../../../../lib/errors.ts'
import { createSharedCache } from '../../../../lib/oauth/server/shared-cache.ts'
import type { Store } from '../../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { SECRET } from '../../../support/unit/context.ts'

const KEY = '["oauth-protected-resource","https://alices-own-pds.dev"]'
const VALUE = { issuer: 'https://as.host.dev' }

function createCache(
  store: Store,
  { clientId = 'https://app.dev', secrets = [SECRET] as [string, ...string[]] } = {},
) {
  const sealer = createSealer(secrets, 'server row')
  return createSharedCache({ store, clientId, sealer, blindIndex: createBlindIndex(secrets, 'server index') })
}

/** A store, and all that it was given. */
function createOpenStore() {
  const memory = createMemoryStore()
  const rows = new Map<string, string>()
  const store: Store = {
    ...memory,
    set(key, value, ttlMs) {
      rows.set(key, value)
      return memory.set(key, value, ttlMs)
    },
  }
  return { store, rows }
}

describe('a shared cache on a store', () => {
  it('gives what another process left', async () => {
    const { store } = createOpenStore()
    await createCache(store).write(KEY, VALUE, 60_000)
    expect(await createCache(store).read(KEY)).toEqual(VALUE)
  })

  it('shows no host to whoever reads the store, and no name that could be tried out', async () => {
    const { store, rows } = createOpenStore()
    await createCache(store).write(KEY, VALUE, 60_000)
    await createCache(store, { secrets: [SECRET.toUpperCase()] }).write(KEY, VALUE, 60_000)
    expect([...rows.keys()]).toEqual([0, 1].map(() => expect.stringMatching(/^server:[\w-]{43}$/)))
    expect(JSON.stringify([...rows])).not.toContain('host')
    expect(new Set(rows.keys()).size).toBe(2)
  })

  it('gives nothing to another client of the same store', async () => {
    const { store } = createOpenStore()
    await createCache(store).write(KEY, VALUE, 60_000)
    expect(await createCache(store, { clientId: 'https://other.dev' }).read(KEY)).toBeUndefined()
  })

  it('forgets in time', async () => {
    const { store } = createOpenStore()
    await createCache(store).write(KEY, VALUE, 0)
    expect(await createCache(store).read(KEY)).toBeUndefined()
  })

  it('holds nothing for a client whose secret changed', async () => {
    const { store } = createOpenStore()
    await createCache(store).write(KEY, VALUE, 60_000)
    const sharedCache = createCache(store, { secrets: ['another secret of the tests, 0123456789', SECRET] })
    expect(await sharedCache.read(KEY)).toBeUndefined()
  })

  it.each([
    ['altered', (sealed: string) => `${sealed.slice(0, -4)}AAAA`],
    ['cut off', (sealed: string) => sealed.slice(0, 20)],
    ['replaced by JSON in clear', () => JSON.stringify(VALUE)],
  ])('passes over a row that was %s', async (_how, damage) => {
    const { store, rows } = createOpenStore()
    await createCache(store).write(KEY, VALUE, 60_000)
    for (const [name, sealed] of [...rows]) await store.set(name, damage(sealed), 60_000)
    expect(await createCache(store).read(KEY)).toBeUndefined()
  })

  it('passes over a row that was moved from another place of the store', async () => {
    const { store, rows } = createOpenStore()
    const sharedCache = createCache(store)
    await sharedCache.write('another', { issuer: 'https://evil.dev' }, 60_000)
    const [sealed = ''] = rows.values()
    await sharedCache.write(KEY, VALUE, 60_000)
    for (const name of rows.keys()) await store.set(name, sealed, 60_000)
    expect(await sharedCache.read(KEY)).toBeUndefined()
  })
})

describe('a shared cache on a store that fails', () => {
  const down = () => Promise.reject(new StoreUnavailableError('down'))
  const silent = () => new Promise<never>(() => undefined)

  it('reads nothing and writes nothing, without an error', async () => {
    const sharedCache = createCache({ ...createMemoryStore(), get: down, set: down })
    await sharedCache.write(KEY, VALUE, 60_000)
    expect(await sharedCache.read(KEY)).toBeUndefined()
  })

  it('does not wait for an answer that never comes', async () => {
    const sharedCache = createCache({ ...createMemoryStore(), get: silent })
    expect(await sharedCache.read(KEY)).toBeUndefined()
  })

  it('lets an answer that fails too late go', async () => {
    const late = Promise.withResolvers<never>()
    const sharedCache = createCache({ ...createMemoryStore(), get: () => late.promise })
    expect(await sharedCache.read(KEY)).toBeUndefined()
    // Nobody is left to handle it: an unhandled rejection fails the run.
    late.reject(new StoreUnavailableError('down'))
    await new Promise((resolve) => setTimeout(resolve))
  })
})
