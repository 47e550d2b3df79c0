/** What a store says about operations whose answer was lost on the way: what it would have said anyway. */
import { expect, it } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { MINUTE_MS } from './subject.ts'

export interface LossyStore {
  /** A store that nobody else uses, on a connection that is up. */
  open(): Promise<Store>
  /** Lets the server do the next thing, and loses its answer. */
  loseNextAnswer(): void
}

export function describeLostAnswers({ open, loseNextAnswer }: LossyStore): void {
  it('takes a value that it had taken already, and nobody else does', async () => {
    const store = await open()
    await store.set('key', 'value', MINUTE_MS)
    loseNextAnswer()
    expect(await store.take('key')).toBe('value')
    expect([await store.take('key'), await store.get('key')]).toEqual([undefined, undefined])
  })

  it('has written an update, once', async () => {
    const store = await open()
    await store.set('key', 'one', MINUTE_MS)
    loseNextAnswer()
    expect(await store.update('key', 'two', 1, MINUTE_MS)).toBe(true)
    expect(await store.get('key')).toEqual({ value: 'two', generation: 2 })
    loseNextAnswer()
    expect(await store.update('key', 'late', 1, MINUTE_MS)).toBe(false)
  })

  it('does not take another writer’s update of the same value for its own', async () => {
    const store = await open()
    await store.set('key', 'one', MINUTE_MS)
    await store.update('key', 'two', 1, MINUTE_MS)
    loseNextAnswer()
    expect(await store.update('key', 'two', 1, MINUTE_MS)).toBe(false)
  })

  it('has deleted a value, once', async () => {
    const store = await open()
    await store.set('key', 'value', MINUTE_MS)
    loseNextAnswer()
    expect(await store.delete('key', 1)).toBe(true)
    expect(await store.delete('key')).toBe(false)
    expect(await store.update('key', 'late', 1, MINUTE_MS)).toBe(false)
  })

  it('has counted an event, once', async () => {
    const store = await open()
    await store.increment('key', MINUTE_MS)
    loseNextAnswer()
    expect([await store.increment('key', MINUTE_MS), await store.increment('key', MINUTE_MS)]).toEqual([2, 3])
  })

  it('S8: holds a lease that it had been given, and not one of somebody else', async () => {
    const store = await open()
    loseNextAnswer()
    expect(await store.lease('key', 'alice', MINUTE_MS)).toBe(true)
    loseNextAnswer()
    expect(await store.lease('key', 'bob', MINUTE_MS)).toBe(false)
    loseNextAnswer()
    await store.release('key', 'alice')
    expect(await store.lease('key', 'bob', MINUTE_MS)).toBe(true)
  })

  it('has a value and a member that it had put in', async () => {
    const store = await open()
    loseNextAnswer()
    await store.set('key', 'value', MINUTE_MS)
    loseNextAnswer()
    await store.addMember('index', 'member', MINUTE_MS)
    loseNextAnswer()
    expect([await store.get('key'), await store.members('index')]).toEqual([
      { value: 'value', generation: 1 },
      ['member'],
    ])
  })
}
