import { describe, expect, it } from 'vitest'
import { createPostgresRunner } from '../../../../lib/store/postgres/runner.ts'
import { refusalOf } from '../../../support/refusal.ts'

/** A pool that fails so many times with that code before it answers; what it was asked. */
function createFailingPool(code: string, failures: number) {
  const asked: string[] = []
  const pool = {
    async query(text: string) {
      asked.push(text)
      if (asked.length <= failures) throw Object.assign(new Error('refused'), { code })
      return { rows: [{ done: 1 }] }
    },
  }
  return { pool, asked }
}

async function run(code: string, failures: number) {
  const { pool, asked } = createFailingPool(code, failures)
  const answer = createPostgresRunner(pool, undefined).run('SELECT 1', [])
  return { tries: () => asked.length, answer }
}

describe('a statement', () => {
  it.each([
    ['40001', 15],
    ['40P01', 15],
    ['ECONNRESET', 2],
    ['57P01', 2],
  ])('is sent again until it is done (%s, %d times)', async (code, failures) => {
    const { answer, tries } = await run(code, failures)
    expect(await answer).toEqual({ rows: [{ done: 1 }], isRepeated: true })
    expect(tries()).toBe(failures + 1)
  })

  it.each([
    ['40001', 20, 'other transactions were in the way'],
    ['ECONNRESET', 3, 'it cannot be reached (ECONNRESET)'],
    ['42501', 1, 'the role lacks a right'],
    ['57014', 1, 'it cancelled the statement'],
  ])('is not sent for ever (%s, %d times)', async (code, times, words) => {
    const { answer, tries } = await run(code, Number.POSITIVE_INFINITY)
    expect((await refusalOf(answer)).message).toContain(words)
    expect(tries()).toBe(times)
  })

  it('that is sent again after the store was closed is not sent', async () => {
    const { pool, asked } = createFailingPool('ECONNRESET', 1)
    const runner = createPostgresRunner(pool, undefined)
    const answer = refusalOf(runner.run('SELECT 1', []))
    await new Promise(setImmediate)
    expect([runner.close(), runner.close()]).toEqual([true, false])
    expect((await answer).message).toBe('The session store is closed.')
    expect(asked).toHaveLength(1)
  })
})

describe('the SQL of the schema', () => {
  it('comes first, and once for all statements that wait for it', async () => {
    const { pool, asked } = createFailingPool('', 0)
    const runner = createPostgresRunner(pool, 'CREATE')
    await Promise.all([1, 2, 3].map(() => runner.run('SELECT 1', [])))
    expect(asked).toEqual(['CREATE', 'SELECT 1', 'SELECT 1', 'SELECT 1'])
  })

  it('is tried again by the next statement when it was refused, and nothing else is sent before', async () => {
    const { pool, asked } = createFailingPool('42501', 1)
    const runner = createPostgresRunner(pool, 'CREATE')
    expect((await refusalOf(runner.run('SELECT 1', []))).message).toContain('needs CREATE and USAGE')
    await runner.run('SELECT 1', [])
    expect(asked).toEqual(['CREATE', 'CREATE', 'SELECT 1'])
  })
})
