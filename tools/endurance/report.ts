/** A finished run as a page: where and when, a table with a row for each store or the like, and what was lost. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import type { KeptResult } from './kept-results.ts'
import type { LongRun } from './long-run.ts'

/** The commit that is checked out; `-changed` when files differ from it. */
export function currentCommit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty=-changed', '--exclude=*', '--abbrev=10'], {
    encoding: 'utf8',
  }).trim()
}

/** When and where. */
export function describeMachine(): string {
  const [{ model = '' } = {}, ...others] = cpus()
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const load = loadavg()[0]?.toFixed(0)
  const machine = `${others.length + 1} cores (${model.trim()}), load ${load}`
  return `${date} UTC, ${currentCommit()}, Node ${process.versions.node}, ${machine}`
}

export function renderTable({ counts }: LongRun, results: readonly KeptResult[]): string {
  const head = ['', 'parts', ...counts, 'lost', 'minutes']
  const rows = [...Map.groupBy(results, ({ row }) => row)].map(([row, all]) => {
    const sums = counts.map((name) => sum(all.map((result) => result.counts[name] ?? 0)))
    const lost = sum(all.map((result) => result.lost.length))
    return [row, all.length, ...sums, lost, (sum(all.map(({ seconds }) => seconds)) / 60).toFixed(1)]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function renderLosses(results: readonly KeptResult[]): string {
  return results
    .flatMap(({ row, name, lost }) => lost.map((sentence) => `lost: ${row}, ${name}: ${sentence}`))
    .join('\n')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
