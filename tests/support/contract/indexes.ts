/** Small indexes: the sessions of one account. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS, type Subject, times } from './subject.ts'

export function describeIndexes(subject: Subject): void {
  const members = async (index = 'index') => [...(await subject.store.members(index))].sort()

  describe('index', () => {
    it('holds what was put in, once, until it is taken out', async () => {
      const { store } = subject
      for (const member of ['one', 'two', 'two']) await store.addMember('index', member, MINUTE_MS)
      expect(await members()).toEqual(['one', 'two'])
      await store.removeMember('index', 'one')
      expect(await members()).toEqual(['two'])
    })

    it('is empty where nothing was put in, and taking out of it is no error', async () => {
      await subject.store.removeMember('index', 'one')
      expect(await members()).toEqual([])
    })

    it('keeps indexes apart from each other and from the values', async () => {
      const { store } = subject
      await store.addMember('index', 'one', MINUTE_MS)
      await store.set('index', 'value', MINUTE_MS)
      await store.delete('index')
      expect([await members(), await members('other')]).toEqual([['one'], []])
    })

    it('forgets each member at its own time, and a renewed one later', async () => {
      const { store } = subject
      await store.addMember('index', 'short', MINUTE_MS)
      await store.addMember('index', 'long', 3 * MINUTE_MS)
      await store.addMember('index', 'renewed', MINUTE_MS)
      await store.addMember('index', 'renewed', 3 * MINUTE_MS)
      await subject.pass(2 * MINUTE_MS)
      expect(await members()).toEqual(['long', 'renewed'])
      await subject.pass(2 * MINUTE_MS)
      expect(await members()).toEqual([])
    })

    it('loses none of fifty that are added at once', async () => {
      await times(50, (n) => subject.store.addMember('index', `member ${n}`, MINUTE_MS))
      expect(await members()).toHaveLength(50)
    })
  })
}
