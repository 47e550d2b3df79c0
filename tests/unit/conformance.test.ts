import { describe, expect, it } from 'vitest'
import { render } from '../conformance/render.ts'
import { idsIn } from '../conformance/results.ts'
import { hasRun } from '../results.ts'

const ids = new Set(['R1', 'DP-9', 'DP-11'])
const rows = [
  { id: 'R1', level: 'critical', area: 'Resource', requirement: 'the token stays at home' },
  { id: 'DP-9', level: 'MUST', area: 'DPoP', requirement: 'one retry' },
]

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

describe('render', () => {
  const passed = { id: 'R1', file: 'tests/a.test.ts', hasPassed: true }

  it('says yes where all tests of a row passed, and where they are', () => {
    expect(render(rows, [passed, passed])).toContain(
      '| R1 | critical | the token stays at home | yes | `tests/a.test.ts` |',
    )
  })

  it('says no where one of them failed', () => {
    expect(render(rows, [passed, { ...passed, hasPassed: false }])).toContain('| **no** |')
  })

  it('claims nothing for a row without tests', () => {
    expect(render(rows, [passed])).toContain('| DP-9 | MUST | one retry | – | none yet |')
    expect(render(rows, [passed])).toContain('1 of 2 rows have tests')
  })
})
