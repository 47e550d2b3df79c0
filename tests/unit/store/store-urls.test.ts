import { describe, expect, it } from 'vitest'
import { createPostgresStore } from '../../../lib/store/postgres/index.ts'
import { createRedisStore } from '../../../lib/store/redis.ts'

describe.each([
  ['redis', (url: string) => createRedisStore({ url })],
  ['postgres', (url: string) => createPostgresStore({ url })],
])('the URL of a store, %s://', (scheme, create) => {
  it.each(['user:12#canary@host/1', 'user:12/canary@host/1', 'user:12?canary@host/1', 'user:canary#1@host'])(
    'with a password that ends the host too early: says how to write it, before anything is asked (%s)',
    (rest) => {
      let error: unknown
      try {
        create(`${scheme}://${rest}`)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toMatchObject({
        code: 'configuration',
        message: expect.stringContaining('%23 %2F %3F %40'),
      })
      expect(`${error instanceof Error && error.stack}`).not.toContain('canary')
    },
  )

  it('may have an encoded password, and a parameter with such a character', async () => {
    for (const rest of ['user:p%40%23%2F@host:1/1', ':password@host', 'host/1?user=me@tenant'])
      await create(`${scheme}://${rest}`).close()
  })
})
