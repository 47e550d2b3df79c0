/** The promises of lib/store/contract.ts as tests; each driver runs them all. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { describeChanges } from './changes.ts'
import { describeCounters } from './counters.ts'
import { describeIndexes } from './indexes.ts'
import { describeLeases } from './leases.ts'
import { describeLongTokens } from './long-tokens.ts'
import { MINUTE_MS } from './subject.ts'
import { describeValues } from './values.ts'

export interface OpenOptions {
  /** Clock in epoch milliseconds. */
  readonly now: () => number
}

/** A clock that is not ours. */
export interface ServerClock {
  readonly tickMs: number
  pass(ms: number): Promise<void>
}

/**
 * @param open an empty store on the given clock
 * @param clock of a server that keeps its own time
 */
export function describeStore(
  name: string,
  open: (options: OpenOptions) => Store | Promise<Store>,
  clock?: ServerClock,
): void {
  describe(name, () => {
    let now = Date.UTC(2026, 0, 1)
    let store: Store
    const subject = {
      get store() {
        return store
      },
      tickMs: clock?.tickMs ?? 1,
      async pass(ms: number) {
        now += ms
        await clock?.pass(ms)
      },
    }
    beforeEach(async () => {
      store = await open({ now: () => now })
    })
    afterEach(() => store.close())

    describeValues(subject)
    describeChanges(subject)
    describeLeases(subject)
    describeCounters(subject)
    describeIndexes(subject)
    describeLongTokens(subject)

    describe('ping', () => {
      it('resolves while the store works', async () => {
        await expect(store.ping()).resolves.toBeUndefined()
      })

      it('leaves every value alone, whatever its key', async () => {
        await store.set('ping', 'value', MINUTE_MS)
        await store.ping()
        expect((await store.get('ping'))?.value).toBe('value')
      })
    })

    describe('close', () => {
      it('may be called twice', async () => {
        await store.close()
        await expect(store.close()).resolves.toBeUndefined()
      })
    })
  })
}
