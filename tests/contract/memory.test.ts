import { expect, it } from 'vitest'
import { createMemoryStore } from '../../lib/store/memory.ts'
import { describeStore } from '../support/contract/describe-store.ts'

describeStore('memory', createMemoryStore)

it('shares nothing between two memory stores', async () => {
  const [first, second] = [createMemoryStore(), createMemoryStore()]
  await first.set('key', 'value', 60_000)
  await first.lease('key', 'alice', 60_000)
  expect([await second.get('key'), await second.lease('key', 'bob', 60_000)]).toEqual([undefined, true])
})

it('shares what memory stores of one name hold, and nothing with another name', async () => {
  const open = (name: string) => createMemoryStore({ name })
  await open('shared').set('key', 'value', 60_000)
  await open('shared').lease('key', 'alice', 60_000)
  await open('shared').close()
  expect([
    (await open('shared').get('key'))?.value,
    await open('shared').lease('key', 'bob', 60_000),
    await open('other').get('key'),
  ]).toEqual(['value', false, undefined])
})
