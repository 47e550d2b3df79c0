/** The long runs themselves: their parts at every scale, and that a release plays each. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { crash } from '../../../tools/endurance/crash.ts'
import { crowd } from '../../../tools/endurance/crowd/crowd.ts'
import { splitRounds } from '../../../tools/endurance/long-run.ts'
import { pause } from '../../../tools/endurance/pause.ts'
import { race } from '../../../tools/endurance/race.ts'

const root = join(import.meta.dirname, '../../..')

describe('splitRounds', () => {
  it('gives every round of the scale to one part', () => {
    expect(splitRounds(100, 0.25, 10)).toEqual([
      { name: 'rounds 1 to 10', count: 10 },
      { name: 'rounds 11 to 20', count: 10 },
      { name: 'rounds 21 to 25', count: 5 },
    ])
  })

  it('has one round at the smallest scale', () => {
    expect(splitRounds(100, 0.0001, 10)).toEqual([{ name: 'rounds 1 to 1', count: 1 }])
  })
})

describe.each([
  ['race', race, 40],
  ['crash', crash, 16],
  ['pause', pause, 64],
  ['crowd', crowd, 12],
])('%s', (_, run, count) => {
  it('has so many parts at full scale', () => {
    expect(run.parts(1)).toHaveLength(count)
  })

  it.each([1, 0.3, 0.001])('has a name for each part at scale %s that no other part has', (scale) => {
    const names = run.parts(scale).map(({ row, name }) => `${row}, ${name}`)
    expect(new Set(names).size).toBe(names.length)
  })
})

it('a release plays every run, each at a scale', () => {
  const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')
  const played = [...workflow.matchAll(/\{ run: (\w+), scale: ([\d.]+) \}/g)]
  const help = execFileSync(process.execPath, [join(root, 'tools/endurance/main.ts'), '--help'], {
    encoding: 'utf8',
  })
  const [, list = ''] = /Names:\n(.*?)\n\n/s.exec(help) ?? []
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
  expect(names).toContain('race')
  expect(played.map(([, name]) => name).toSorted()).toEqual(names.toSorted())
  for (const [, , scale] of played) {
    expect(Number(scale)).toBeGreaterThan(0)
    expect(Number(scale)).toBeLessThanOrEqual(1)
  }
})
