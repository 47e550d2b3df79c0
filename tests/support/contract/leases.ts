/** Leases: one owner at a time, for a time. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS, type Subject, times } from './subject.ts'

export function describeLeases(subject: Subject): void {
  describe('lease', () => {
    it('S8 is held by one owner at a time', async () => {
      expect([
        await subject.store.lease('key', 'alice', MINUTE_MS),
        await subject.store.lease('key', 'bob', MINUTE_MS),
      ]).toEqual([true, false])
    })

    it('goes to one of fifty', async () => {
      const held = await times(50, (n) => subject.store.lease('key', `owner ${n}`, MINUTE_MS))
      expect(held.filter(Boolean)).toHaveLength(1)
    })

    it('is renewed by its owner', async () => {
      await subject.store.lease('key', 'alice', MINUTE_MS)
      await subject.pass(MINUTE_MS - subject.tickMs)
      expect(await subject.store.lease('key', 'alice', MINUTE_MS)).toBe(true)
      await subject.pass(MINUTE_MS - subject.tickMs)
      expect(await subject.store.lease('key', 'bob', MINUTE_MS)).toBe(false)
    })

    it('is free at its end, not before', async () => {
      await subject.store.lease('key', 'alice', MINUTE_MS)
      await subject.pass(MINUTE_MS - subject.tickMs)
      expect(await subject.store.lease('key', 'bob', MINUTE_MS)).toBe(false)
      await subject.pass(subject.tickMs)
      expect(await subject.store.lease('key', 'bob', MINUTE_MS)).toBe(true)
    })

    it('S8 is not renewed by an owner who lost it', async () => {
      await subject.store.lease('key', 'alice', MINUTE_MS)
      await subject.pass(MINUTE_MS)
      await subject.store.lease('key', 'bob', MINUTE_MS)
      expect(await subject.store.lease('key', 'alice', MINUTE_MS)).toBe(false)
    })

    it('is given back early', async () => {
      await subject.store.lease('key', 'alice', MINUTE_MS)
      await subject.store.release('key', 'alice')
      expect(await subject.store.lease('key', 'bob', MINUTE_MS)).toBe(true)
    })

    it('S8 is not given back by anybody else', async () => {
      await subject.store.lease('key', 'alice', MINUTE_MS)
      await subject.store.release('key', 'bob')
      expect(await subject.store.lease('key', 'bob', MINUTE_MS)).toBe(false)
    })

    it('S8 is not given back by an owner who lost it', async () => {
      await subject.store.lease('key', 'alice', MINUTE_MS)
      await subject.pass(MINUTE_MS)
      await subject.store.lease('key', 'bob', MINUTE_MS)
      await subject.store.release('key', 'alice')
      expect(await subject.store.lease('key', 'carol', MINUTE_MS)).toBe(false)
    })

    it('can be given back when nobody holds it', async () => {
      await expect(subject.store.release('key', 'alice')).resolves.toBeUndefined()
    })

    it('lives beside the value of the same key', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      await subject.store.lease('key', 'alice', MINUTE_MS)
      expect((await subject.store.get('key'))?.value).toBe('value')
      await subject.store.delete('key')
      expect(await subject.store.lease('key', 'bob', MINUTE_MS)).toBe(false)
    })
  })
}
