/** What is kept, under which key and for how long. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS, type Subject, times } from './subject.ts'

export function describeValues(subject: Subject): void {
  describe('get and set', () => {
    it('finds nothing where nothing was set', async () => {
      expect(await subject.store.get('key')).toBeUndefined()
    })

    it('gives a value back as generation 1', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      expect(await subject.store.get('key')).toEqual({ value: 'value', generation: 1 })
    })

    it('writes over a value and counts from 1 again', async () => {
      await subject.store.set('key', 'old', MINUTE_MS)
      await subject.store.update('key', 'older', 1, MINUTE_MS)
      await subject.store.set('key', 'new', MINUTE_MS)
      expect(await subject.store.get('key')).toEqual({ value: 'new', generation: 1 })
    })

    const texts = ['', ' ', 'grüße 💩', '\u0000', "'; DROP TABLE entry; --", '__proto__', 'x'.repeat(100_000)]
    it('keeps any text, under any key', async () => {
      for (const text of texts) {
        await subject.store.set(`key ${text}`, text, MINUTE_MS)
        expect((await subject.store.get(`key ${text}`))?.value).toBe(text)
      }
    })

    it('keeps keys apart that differ in case or white space', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      expect(await Promise.all(['KEY', 'key ', ' key', 'ke'].map((key) => subject.store.get(key)))).toEqual(
        Array(4).fill(undefined),
      )
    })
  })

  describe('expiry', () => {
    it('lets a value go at its time, not before', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      await subject.pass(MINUTE_MS - subject.tickMs)
      expect(await subject.store.get('key')).toBeDefined()
      await subject.pass(subject.tickMs)
      expect(await subject.store.get('key')).toBeUndefined()
    })

    it.each([0, -1, -MINUTE_MS])('keeps nothing that is to live for %d ms', async (ttlMs) => {
      await subject.store.set('key', 'value', ttlMs)
      expect(await subject.store.get('key')).toBeUndefined()
    })

    it('takes a fraction of a millisecond', async () => {
      await subject.store.set('key', 'value', 1_000.5)
      expect(await subject.store.get('key')).toBeDefined()
    })

    it('neither takes, updates nor deletes what has expired', async () => {
      const results: unknown[] = []
      for (const work of [
        () => subject.store.take('key'),
        () => subject.store.update('key', 'new', 1, MINUTE_MS),
        () => subject.store.delete('key'),
      ]) {
        await subject.store.set('key', 'value', MINUTE_MS)
        await subject.pass(MINUTE_MS)
        results.push(await work())
      }
      expect(results).toEqual([undefined, false, false])
    })

    it('starts the time again with each update', async () => {
      await subject.store.set('key', 'value', MINUTE_MS)
      await subject.pass(MINUTE_MS - subject.tickMs)
      await subject.store.update('key', 'new', 1, MINUTE_MS)
      await subject.pass(MINUTE_MS - subject.tickMs)
      expect((await subject.store.get('key'))?.value).toBe('new')
    })

    it('keeps living values while it sweeps the expired ones', async () => {
      // Not all at once: on a busy machine, the last one would wait longer than a store does.
      const fill = async (name: string) => {
        for (const part of ['a', 'b', 'c'])
          await times(100, (n) => subject.store.set(`${name} ${part} ${n}`, 'value', MINUTE_MS))
      }
      await subject.store.set('long', 'value', 100 * MINUTE_MS)
      await fill('short')
      await subject.pass(2 * MINUTE_MS)
      await fill('more')
      expect((await subject.store.get('long'))?.value).toBe('value')
    })
  })
}
