/** Taking, updating and deleting: one winner of many, and nothing comes back. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS, type Subject, times } from './subject.ts'

export function describeChanges(subject: Subject): void {
  describe('take', () => {
    it('reads and removes', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      expect([
        await subject.store.take('key'),
        await subject.store.take('key'),
        await subject.store.get('key'),
      ]).toEqual(['value', undefined, undefined])
    })

    it('O2 CB-1 gives a value to one of fifty callers (replayed state)', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      const taken = await times(50, () => subject.store.take('key'))
      expect(taken.filter((value) => value !== undefined)).toEqual(['value'])
    })
  })

  describe('update', () => {
    it('replaces the generation it names, and counts', async () => {
      await subject.store.set('key', 'one', MINUTE_MS)
      expect(await subject.store.update('key', 'two', 1, MINUTE_MS)).toBe(true)
      expect(await subject.store.update('key', 'three', 2, MINUTE_MS)).toBe(true)
      expect(await subject.store.get('key')).toEqual({ value: 'three', generation: 3 })
    })

    it.each([0, 2, -1])('refuses generation %d of a value at 1', async (generation) => {
      await subject.store.set('key', 'one', MINUTE_MS)
      expect(await subject.store.update('key', 'two', generation, MINUTE_MS)).toBe(false)
      expect((await subject.store.get('key'))?.value).toBe('one')
    })

    it('makes nothing where nothing is', async () => {
      expect(await subject.store.update('key', 'value', 1, MINUTE_MS)).toBe(false)
      expect(await subject.store.get('key')).toBeUndefined()
    })

    it('C2 brings nothing back that was deleted (sign-out wins over a late writer)', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      await subject.store.delete('key')
      expect(await subject.store.update('key', 'late', 1, MINUTE_MS)).toBe(false)
      expect(await subject.store.get('key')).toBeUndefined()
    })

    it('lets one of fifty writers win each generation', async () => {
      await subject.store.set('key', 'start', MINUTE_MS)
      for (let generation = 1; generation <= 5; generation += 1) {
        const won = await times(50, (n) => subject.store.update('key', `writer ${n}`, generation, MINUTE_MS))
        const winner = won.indexOf(true)
        expect(won.filter(Boolean)).toHaveLength(1)
        expect(await subject.store.get('key')).toEqual({
          value: `writer ${winner}`,
          generation: generation + 1,
        })
      }
    })
  })

  describe('delete', () => {
    it('removes, and says whether there was something', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      expect([
        await subject.store.delete('key'),
        await subject.store.delete('key'),
        await subject.store.get('key'),
      ]).toEqual([true, false, undefined])
    })

    it('removes the generation it names, and no later one', async () => {
      await subject.store.set('key', 'one', MINUTE_MS)
      await subject.store.update('key', 'two', 1, MINUTE_MS)
      expect(await subject.store.delete('key', 1)).toBe(false)
      expect((await subject.store.get('key'))?.value).toBe('two')
      expect(await subject.store.delete('key', 2)).toBe(true)
      expect(await subject.store.get('key')).toBeUndefined()
    })

    it('leaves other keys alone', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      await subject.store.set('other', 'value', MINUTE_MS)
      await subject.store.delete('key')
      expect(await subject.store.get('other')).toBeDefined()
    })
  })
}
