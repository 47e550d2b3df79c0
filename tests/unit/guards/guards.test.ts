/** What `npm run test:guards` makes of guards and of test runs, and that its list fits the code. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../../../tools/docs/source.ts'
import { type Guard, problemsOf, withoutGuard } from '../../../tools/guards/guard.ts'
import { guards } from '../../../tools/guards/list/index.ts'
import { openOutcomes, outcomeOf } from '../../../tools/guards/outcomes.ts'
import { withSum, withTable } from '../../../tools/guards/page.ts'
import type { FinishedTest } from '../../support/results.ts'

const guard: Guard = {
  file: 'door.ts',
  what: 'the door is open',
  why: 'walks in',
  from: 'if (!key) return',
  to: '',
  tests: ['unit/door'],
}

/** A repository with one guard and its test. */
function createRepository() {
  const folder = mkdtempSync(join(tmpdir(), 'guards-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('lib/door.ts', 'if (!key) return\nopen()\n')
  write('tests/unit/door.test.ts', 'it()')
  return { folder, write }
}

describe('the list', () => {
  it('has at least a hundred guards, and each is in the code as the list quotes it, with its tests', () => {
    expect(guards.length).toBeGreaterThanOrEqual(100)
    expect(problemsOf(guards, root)).toEqual([])
  })
})

describe('withoutGuard', () => {
  it('takes the text out', () => {
    expect(withoutGuard(guard, 'a\nif (!key) return\nb')).toBe('a\n\nb')
  })

  it('puts the new text there as it is, signs of replacements too', () => {
    expect(withoutGuard({ ...guard, to: '$& $1' }, 'if (!key) return')).toBe('$& $1')
  })

  it.each([
    ['nowhere', 0, ''],
    ['twice', 2, `${guard.from}\n${guard.from}`],
  ])('refuses a text that is there %s', (_, count, text) => {
    expect(() => withoutGuard(guard, text)).toThrow(
      `lib/door.ts: this text is there ${count} times, not once`,
    )
  })
})

describe('problemsOf', () => {
  it('finds none where all is well', () => {
    expect(problemsOf([guard], createRepository().folder)).toEqual([])
  })

  it.each([
    ['a text that is not in the file', [{ ...guard, from: 'gone' }], /not once:\ngone/],
    [
      'a test that is not there',
      [{ ...guard, tests: ['unit/gone'] as const }],
      /tests\/unit\/gone\.test\.ts/,
    ],
    ['a guard that is listed twice', [guard, guard], /door\.ts: the door is open: is listed twice/],
  ])('names %s', (_, listed, problem) => {
    expect(problemsOf(listed, createRepository().folder)).toEqual([expect.stringMatching(problem)])
  })
})

const test = (outcome: FinishedTest['outcome'], title = 'keeps strangers out'): FinishedTest => ({
  title,
  ancestors: ['the door'],
  file: 'door.test.ts',
  outcome,
})

describe('outcomeOf', () => {
  it('is red with the first test that failed', () => {
    const tests = [test('passed'), test('failed', 'first'), test('failed', 'second')]
    expect(outcomeOf({ tests, output: '' })).toEqual({ kind: 'red', detail: 'the door › first' })
  })

  it('is green when all passed or were skipped', () => {
    expect(outcomeOf({ tests: [test('passed'), test('skipped')], output: '' }).kind).toBe('green')
  })

  it.each([
    ['left no results', undefined],
    ['ran no test', []],
    ['failed before a test ran', [{ ...test('failed', 'the file as a whole'), ancestors: [] }]],
  ])('is broken, and shows nothing of the guard, when the run %s', (_, tests) => {
    expect(outcomeOf({ tests, output: 'SyntaxError' })).toEqual({ kind: 'broken', detail: 'SyntaxError' })
  })
})

describe('openOutcomes', () => {
  const red = { kind: 'red', detail: 'x' } as const

  it('goes on with what an earlier run found, when that is asked for', () => {
    const { folder } = createRepository()
    openOutcomes(folder, { resume: false }).keep(guard, red)
    expect(openOutcomes(folder, { resume: true }).find(guard)).toEqual(red)
    expect(openOutcomes(folder, { resume: false }).find(guard)).toBeUndefined()
  })

  it.each(['lib/door.ts', 'tests/unit/door.test.ts'])('forgets it once %s has changed', (path) => {
    const { folder, write } = createRepository()
    openOutcomes(folder, { resume: false }).keep(guard, red)
    write(path, 'something else')
    expect(openOutcomes(folder, { resume: true }).find(guard)).toBeUndefined()
  })
})

const ran = { date: '2026-01-31', commit: 'abc' }
const page = 'before\n<!-- guards: begin -->\nold\n<!-- guards: end -->\nafter\n'
const checked = [
  { guard, outcome: { kind: 'red', detail: 'a | b' } },
  { guard: { ...guard, what: 'the window is open' }, outcome: { kind: 'green', detail: '' } },
] as const

describe('withTable', () => {
  it('replaces what is between the markers, with date and commit', () => {
    const text = withTable(page, checked, ran)
    expect(text).toContain('Run on 2026-01-31 at commit abc: 1 of 2 guards are missed by a test.')
    expect(text).toContain('| `lib/door.ts` | the door is open | walks in | a \\| b |')
    expect(text).toContain('| the window is open | walks in | **none (green)** |')
    expect(text).toMatch(/^before\n.*\nafter\n$/s)
    expect(text).not.toContain('old')
    expect(withTable(text, checked, ran)).toBe(text)
  })
})

describe('withSum', () => {
  it('replaces what is between the markers by date, commit and numbers', () => {
    const text = withSum(page, checked, ran)
    const sum = 'Run on 2026-01-31 at commit abc: 2 checks were taken out, and a test failed for 1 of them.'
    expect(text).toBe(`before\n<!-- guards: begin -->\n${sum}\n<!-- guards: end -->\nafter\n`)
    expect(withSum(text, checked, ran)).toBe(text)
  })
})

it.each([
  ['withTable', withTable],
  ['withSum', withSum],
])('%s refuses a page without its markers', (_, write) => {
  for (const broken of ['before', page.replace('begin', 'x'), page.replace('end', 'x')])
    expect(() => write(broken, [], ran)).toThrow('The page needs the lines <!-- guards: begin -->')
})

describe('docs/security.md', () => {
  const read = (name: string) => readFileSync(join(root, 'docs', name), 'utf8')

  it('gives date, commit and numbers of the run whose table is in docs/guards.md', () => {
    const table = read('guards.md')
    const [, when = '', red = '', all = ''] =
      /^Run on (\S+ at commit \S+): (\d+) of (\d+) guards are missed by a test\.$/m.exec(table) ?? []
    expect(table.match(/^\| `lib\//gm)).toHaveLength(Number(all))
    expect(read('security.md')).toContain(
      `<!-- guards: begin -->\nRun on ${when}: ${all} checks were taken out, and a test failed for ${red} of them.\n<!-- guards: end -->`,
    )
  })
})
