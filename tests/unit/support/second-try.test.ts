import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseResults } from '../../support/results.ts'
import { tryAgain } from '../../support/second-try.ts'
import { summaryOf } from '../../support/summary.ts'
import { makeTemporaryFolder } from '../../support/temporary-folder.ts'

type Outcomes = Readonly<Record<string, 'passed' | 'failed'>>

/** As vitest writes it: one test in each file. */
const ofVitest = (files: Outcomes) =>
  JSON.stringify({
    success: false,
    testResults: Object.entries(files).map(([name, status]) => ({
      name: `/app/tests/${name}`,
      status,
      assertionResults: [
        { title: 'R1 a', ancestorTitles: ['b'], status, failureMessages: status === 'failed' ? ['why'] : [] },
      ],
    })),
  })

/** As Playwright writes it: one test in each file. */
const ofPlaywright = (files: Outcomes) =>
  JSON.stringify({
    suites: Object.entries(files).map(([file, status]) => ({
      title: file,
      file,
      specs: [
        {
          title: 'R1 a',
          file,
          tests: [
            {
              projectName: 'server',
              status: status === 'failed' ? 'unexpected' : 'expected',
              results: [{ errors: status === 'failed' ? [{ message: 'why' }] : [] }],
            },
          ],
        },
      ],
    })),
  })

async function play(first: string, second?: string) {
  const folder = makeTemporaryFolder('second-try')
  const file = join(folder.path, 'results.json')
  writeFileSync(file, first)
  const asked: string[] = []
  const outcome = tryAgain(file, (files) => {
    asked.push(...files)
    if (second !== undefined) writeFileSync(file, second)
  })
  const left = parseResults(readFileSync(file, 'utf8'))
  folder.remove()
  return { outcome, asked, left }
}

describe.each([
  ['vitest', ofVitest, 'test'],
  ['Playwright', ofPlaywright, 'spec'],
] as const)('a second try after %s', (_runner, results, kind) => {
  const [a, b] = [`a.${kind}.ts`, `b.${kind}.ts`]

  it('runs only the files with a failure, and leaves the results of both runs', async () => {
    const { outcome, asked, left } = await play(
      results({ [a]: 'failed', [b]: 'passed' }),
      results({ [a]: 'passed' }),
    )
    expect(asked).toEqual([a])
    expect(left.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
    expect(outcome?.unsteady).toMatchObject([{ title: 'R1 a', message: 'why' }])
  })

  it('leaves a failure that comes again a failure', async () => {
    const { outcome, left } = await play(results({ [a]: 'failed' }), results({ [a]: 'failed' }))
    expect(left.map(({ outcome }) => outcome)).toEqual(['failed'])
    expect(outcome?.unsteady).toEqual([])
  })

  it('leaves the failure when the second run ends without results', async () => {
    const { outcome, left } = await play(results({ [a]: 'failed' }))
    expect(left.map(({ outcome }) => outcome)).toEqual(['failed'])
    expect(outcome?.unsteady).toEqual([])
  })
})

it('a second try is not taken when nothing failed, or more than a busy machine explains', async () => {
  expect((await play(ofVitest({ 'a.test.ts': 'passed' }))).outcome).toBeUndefined()
  const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.test.ts`, 'failed'] as const))
  expect((await play(ofVitest(many))).asked).toEqual([])
})

it('the summary says what failed and why, and what only passed the second time', () => {
  const tests = parseResults(ofVitest({ 'a.test.ts': 'failed', 'b.test.ts': 'passed' }))
  const failed = tests.filter(({ outcome }) => outcome === 'failed')
  const passed = tests.filter(({ outcome }) => outcome === 'passed')
  const lines = summaryOf([
    { part: 'test:unit', minutes: '0.1', tests, unsteady: [] },
    { part: 'test:e2e', minutes: '0.2', tests: passed, unsteady: failed },
  ])
  expect(lines.map((line) => line.replace(/\S*a\.test\.ts/, 'a.test.ts'))).toEqual([
    'minutes  passed  failed  part',
    '    0.1       1       1  test:unit',
    '    0.2       1       0  test:e2e',
    'failed, then passed: test:e2e: a.test.ts › b › R1 a',
    '    why',
    'failed: test:unit: a.test.ts › b › R1 a',
    '    why',
    '2 passed, 1 failed, 1 of the passed failed at first',
  ])
})
