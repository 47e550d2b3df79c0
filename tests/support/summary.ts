/** The end of `npm test`: a line for each part, then what failed and why, then the sum. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { FinishedTest } from './results.ts'

export interface FinishedPart {
  readonly part: string
  readonly minutes: string
  readonly tests: readonly FinishedTest[]
  /** What failed first, and passed when its file was run again. */
  readonly unsteady: readonly FinishedTest[]
}

/** Of each failure: enough to see what was expected and where. */
const MOST_LINES = 15

export function countOf(tests: readonly FinishedTest[], outcome: FinishedTest['outcome']): number {
  return tests.filter((test) => test.outcome === outcome).length
}

/** The lines to print; the sum is the last one. */
export function summaryOf(parts: readonly FinishedPart[]): readonly string[] {
  const all = parts.flatMap(({ tests }) => tests)
  const unsteady = parts.reduce((sum, part) => sum + part.unsteady.length, 0)
  const sum = [
    `${countOf(all, 'passed')} passed`,
    `${countOf(all, 'failed')} failed`,
    ...(unsteady > 0 ? [`${unsteady} of the passed failed at first`] : []),
    ...(countOf(all, 'skipped') > 0 ? [`${countOf(all, 'skipped')} skipped`] : []),
  ]
  return [
    'minutes  passed  failed  part',
    ...parts.map(rowOf),
    ...parts.flatMap(({ part, unsteady }) => told(`failed, then passed: ${part}`, unsteady)),
    ...parts.flatMap(({ part, tests }) =>
      told(
        `failed: ${part}`,
        tests.filter(({ outcome }) => outcome === 'failed'),
      ),
    ),
    sum.join(', '),
  ]
}

function rowOf({ part, minutes, tests }: FinishedPart): string {
  const numbers = [countOf(tests, 'passed'), countOf(tests, 'failed')].map((count) =>
    String(count).padStart(6),
  )
  return [minutes.padStart(7), ...numbers, part].join('  ')
}

function told(what: string, tests: readonly FinishedTest[]): readonly string[] {
  return tests.flatMap((test) => [`${what}: ${nameOf(test)}`, ...linesOf(test)])
}

function linesOf({ message = '' }: FinishedTest): readonly string[] {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/node_modules|node:internal/.test(line))
  return lines.slice(0, MOST_LINES).map((line) => `    ${line}`)
}

function nameOf({ file, ancestors, title, project }: FinishedTest): string {
  const place = file.startsWith('/') ? relative(process.cwd(), file) : file
  return [...(project === undefined ? [] : [`[${project}]`]), place, ...ancestors, title]
    .filter(Boolean)
    .join(' › ')
}
