import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changedLines } from '../../../tools/conformance/changed-lines.ts'
import { type Row, render } from '../../../tools/conformance/render.ts'
import { idsIn, requireWholeFiles } from '../../../tools/conformance/results.ts'
import { hasRun, parseResults } from '../../support/results.ts'

const ids = new Set(['R1', 'DP-9', 'DP-11'])
const rows = [
  { id: 'R1', level: 'critical', area: 'Resource', requirement: 'the token stays at home' },
  { id: 'DP-9', level: 'MUST', area: 'DPoP', requirement: 'one retry' },
] as const
const allRows: readonly Row[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tools/conformance/rows.json'), 'utf8'),
)

describe('idsIn', () => {
  it.each([
    ['R1 refuses %j', ['R1']],
    ['DP-9 DP-11 repeats', ['DP-9', 'DP-11']],
    ['R1: refuses', ['R1']],
    ['refuses R1', []],
    ['R2 is no row', []],
    ['R1', ['R1']],
  ] as const)('finds in %j the rows %j', (title, expected) => {
    expect(idsIn(title, ids)).toEqual(expected)
  })
})

describe('hasRun', () => {
  it.each(['passed', 'failed', 'expected', 'unexpected', 'flaky'])(
    'says so of a test that is %s',
    (status) => {
      expect(hasRun({ status })).toBe(true)
    },
  )

  it.each(['skipped', 'pending', 'todo', 'disabled'])('does not of one that is %s', (status) => {
    expect(hasRun({ status })).toBe(false)
  })
})

describe('requireWholeFiles', () => {
  const results = (status: string, test: string) =>
    parseResults(
      JSON.stringify({
        testResults: [
          {
            name: '/app/tests/a.test.ts',
            status,
            assertionResults: [{ title: 'R1 a', ancestorTitles: [], status: test }],
          },
        ],
      }),
    )

  it('takes results of files that ran, with or without failures', () => {
    expect(requireWholeFiles(results('passed', 'passed'))).toHaveLength(1)
    expect(requireWholeFiles(results('failed', 'failed'))).toHaveLength(1)
  })

  it('names a file whose set-up failed: its rows would be lost without a word', () => {
    expect(() => requireWholeFiles(results('failed', 'skipped'))).toThrow(
      'The tests of /app/tests/a.test.ts could not be run.',
    )
  })
})

describe('changedLines', () => {
  it('shows what a page says and what it should say', () => {
    expect(changedLines('a\nb\nb\nc', 'a\nb\nd\nc')).toEqual(['- b', '+ d'])
  })

  it('shows nothing of two texts that are the same, and not all of two that share nothing', () => {
    expect(changedLines('a\na', 'a\na')).toEqual([])
    const many = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n')
    expect(changedLines(many, '')).toHaveLength(41)
    expect(changedLines(many, '').at(-1)).toBe('… and 11 more')
  })
})

describe('render', () => {
  const passed = { id: 'R1', file: 'tests/a.test.ts', hasPassed: true }
  const failed = { ...passed, hasPassed: false }
  const [row, ...others] = rows
  const decided = { ...row, decision: 'two retries.', status: 'differs' } as const

  it('says yes where all tests of a row passed, and where they are', () => {
    expect(render(rows, [passed, passed])).toContain(
      '| R1 | critical | the token stays at home | yes | `tests/a.test.ts` |',
    )
    expect(render(rows, [passed])).toContain('| yes | 1 |')
  })

  it('says no where one of them failed', () => {
    expect(render(rows, [passed, failed])).toContain('| **no** | `tests/a.test.ts` |')
    expect(render(rows, [passed, failed])).toContain('| **no** | 1 |')
  })

  it('claims nothing for a row without tests', () => {
    expect(render(rows, [passed])).toContain('| DP-9 | MUST | one retry | – | none yet |')
    expect(render(rows, [passed])).toContain('1 of 2 rows have tests')
  })

  it('says of a row with a gap what is done instead, and never yes', () => {
    const document = render([decided, ...others], [passed])
    expect(document).toContain('the token stays at home<br>**Decision:** two retries. | differs | `tests/a')
    expect([document.includes('| differs | 1 |'), document.includes('| yes | 0 |')]).toEqual([true, true])
    expect(render([{ ...decided, status: 'not done' }], [passed])).toContain('| not done | `tests/a')
  })

  it('says no of such a row, too, where a test of it failed', () => {
    expect(render([decided], [failed])).toContain('| **no** | `tests/a.test.ts` |')
  })
})

describe('rows.json', () => {
  it('says of each row with a gap what is done instead', () => {
    const undecided = allRows.filter(({ status, decision }) => status !== undefined && decision === undefined)
    expect(undecided.map(({ id }) => id)).toEqual([])
  })

  it('has each id once, and no text that would break the table', () => {
    expect(new Set(allRows.map(({ id }) => id)).size).toBe(allRows.length)
    const texts = allRows.flatMap(({ requirement, decision = '' }) => [requirement, decision])
    expect(texts.filter((text) => /[|\n]/.test(text))).toEqual([])
  })
})
