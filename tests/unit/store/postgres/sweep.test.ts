import { expect, it } from 'vitest'
import { createPostgresStore } from '../../../../lib/store/postgres/index.ts'
import { createSweep } from '../../../../lib/store/postgres/sweep.ts'

it('begins where the last write has left nothing, never goes back, and begins again after five minutes', () => {
  let now = 1_000
  const sweep = createSweep(() => now)
  expect(sweep.since()).toBe(0)
  for (const swept of ['5000', 4_000n, 4_500, null, undefined, 'x']) sweep.note({ swept })
  sweep.note(undefined)
  expect(sweep.since()).toBe(5_000)
  now += 299_999
  expect(sweep.since()).toBe(5_000)
  now += 1
  expect(sweep.since()).toBe(0)
})

it('is shared by all writes of a store', async () => {
  const asked: unknown[] = []
  let swept = 0
  const store = createPostgresStore({
    pool: {
      async query(_text, values) {
        asked.push(values.at(-1))
        swept += 1_000
        return { rows: [{ swept, generation: '1' }] }
      },
    },
  })
  await store.set('key', 'value', 1)
  await store.update('key', 'value', 1, 1)
  await store.increment('key', 1)
  await store.addMember('key', 'member', 1)
  await store.set('key', 'value', 1)
  expect(asked).toEqual([0, 1_000, 2_000, 3_000, 4_000])
})
