import { describe, expect, it } from 'vitest'
import { type Goal, judge } from '../../../tools/bench/goals.ts'
import { alternate, createCollector, type Section } from '../../../tools/bench/measure.ts'
import { renderPage } from '../../../tools/bench/page.ts'
import { figureOf, percentile } from '../../../tools/bench/statistics.ts'

const OURS = 'next-atproto-auth'
const ATCUTE = '@atcute/oauth-node-client'

function sectionOf(values: Readonly<Record<string, readonly number[]>>): Section {
  const collector = createCollector()
  for (const [column, list] of Object.entries(values))
    for (const value of list)
      collector.add({ key: 'restore', name: 'restore alone', unit: 'µs' }, column, value)
  const table = { head: 'CPU of', columns: Object.keys(values), rows: collector.rows() }
  return { name: 'cpu', title: 'CPU', about: 'How.', tables: [table] }
}

const goal: Goal = {
  name: 'CPU of restore',
  section: 'cpu',
  row: 'restore',
  atMost: { times: 0.5, of: ATCUTE },
  whenMissed: 'The key is imported each time.',
}
const run = {
  machine: '2 cores',
  node: '24.0.0',
  versions: { next: '16' },
  day: '2026-01-31',
  isQuick: false,
}

describe('figures', () => {
  it('have the median and the spread of their measurements', () => {
    expect(figureOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 })
    expect(figureOf([])).toBeUndefined()
  })

  it('have percentiles by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n)
    expect(percentile(hundred, 50)).toBe(50)
    expect(percentile(hundred, 99)).toBe(99)
    expect(percentile([7], 99)).toBe(7)
  })

  it('are collected by row and column, in the order in which the rows came', () => {
    const collector = createCollector()
    for (const [key, column, value] of [
      ['b', 'x', 1],
      ['a', 'x', 2],
      ['b', 'y', 3],
      ['b', 'x', 5],
    ] as const)
      collector.add({ key, name: key, unit: '' }, column, value)
    expect(collector.rows()).toMatchObject([
      { key: 'b', cells: { x: { median: 1, min: 1, max: 5 }, y: { median: 3 } } },
      { key: 'a', cells: { x: { median: 2 } } },
    ])
  })

  it('come from runs that begin at either end in turn', () => {
    expect([alternate([1, 2, 3], 0), alternate([1, 2, 3], 1)]).toEqual([
      [1, 2, 3],
      [3, 2, 1],
    ])
  })
})

describe('goals', () => {
  it('are reached at the limit, and missed above it', () => {
    const verdictFor = (ours: number) => judge([sectionOf({ [OURS]: [ours], [ATCUTE]: [100] })], [goal])[0]
    expect(verdictFor(50)).toMatchObject({ isReached: true, limit: 50 })
    expect(verdictFor(51)).toMatchObject({ isReached: false, limit: 50 })
  })

  it('are compared with the best of the peers, not with ourselves', () => {
    const best: Goal = { ...goal, atMost: { times: 1, of: 'the best peer' } }
    const section = sectionOf({ [OURS]: [10], '@atproto/oauth-client': [40], [ATCUTE]: [30] })
    expect(judge([section], [best])).toMatchObject([{ limit: 30, isReached: true }])
  })

  it('fail the run without a figure, so that the page leaves none out', () => {
    expect(() => judge([sectionOf({ [OURS]: [10] })], [goal])).toThrow('"CPU of restore" has no figure')
    expect(() => judge([], [goal])).toThrow('"CPU of restore" has no figure')
  })
})

describe('the page', () => {
  it('shows medians with their spread, and each goal with its figure', () => {
    const sections = [sectionOf({ [OURS]: [160, 158.4, 171], [ATCUTE]: [40] })]
    const page = renderPage({ ...run, sections }, judge(sections, [goal]))
    expect(page).toContain(`| CPU of | ${OURS} | ${ATCUTE} |`)
    expect(page).toContain('| restore alone | 160 µs (158–171) | 40 µs |')
    expect(page).toContain(`| CPU of restore | 160 µs | ≤ 20 µs (0.5 × ${ATCUTE}) | **not reached** |`)
    expect(page).toContain('- **CPU of restore:** The key is imported each time.')
    expect(page).toContain('Node 24.0.0, 2 cores; next 16.')
  })

  it('explains no goal that is reached', () => {
    const sections = [sectionOf({ [OURS]: [20], [ATCUTE]: [40] })]
    const page = renderPage({ ...run, sections }, judge(sections, [goal]))
    expect(page).toContain('| reached |')
    expect(page).not.toContain('The key is imported each time.')
  })

  it('leaves a cell empty where nothing was measured', () => {
    const section = sectionOf({ [OURS]: [20] })
    const tables = section.tables.map((table) => ({ ...table, columns: [OURS, ATCUTE] }))
    expect(renderPage({ ...run, sections: [{ ...section, tables }] }, [])).toContain(
      '| restore alone | 20 µs |  |',
    )
  })

  it('says so when it is of a quick run', () => {
    expect(renderPage({ ...run, isQuick: true, sections: [] }, [])).toContain('This was a quick run')
    expect(renderPage({ ...run, sections: [] }, [])).not.toContain('quick')
  })
})
