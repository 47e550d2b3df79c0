/** Counting within a time: every event counts once, whoever counts beside it. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS, type Subject, times } from './subject.ts'

export function describeCounters(subject: Subject): void {
  describe('increment', () => {
    it('counts from one, each key by itself', async () => {
      const { store } = subject
      expect([
        await store.increment('key', MINUTE_MS),
        await store.increment('key', MINUTE_MS),
        await store.increment('other', MINUTE_MS),
      ]).toEqual([1, 2, 1])
    })

    it('counts fifty callers at once without losing one', async () => {
      const counts = await times(50, () => subject.store.increment('key', MINUTE_MS))
      expect([...counts].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    })

    it('begins anew when the time since the first event is over, however many came since', async () => {
      await subject.store.increment('key', MINUTE_MS)
      await subject.pass(MINUTE_MS - subject.tickMs)
      expect(await subject.store.increment('key', MINUTE_MS)).toBe(2)
      await subject.pass(2 * subject.tickMs)
      expect(await subject.store.increment('key', MINUTE_MS)).toBe(1)
    })

    it('shares no key with the values', async () => {
      await subject.store.increment('key', MINUTE_MS)
      expect(await subject.store.get('key')).toBeUndefined()
    })
  })
}
