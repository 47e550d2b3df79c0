/** A finished run as a page: where and when, a table with a row for each store or the like, and what was lost. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpus, loadavg } from 'node:os'
import type { KeptResult, LongRun } from './long-run.ts'

/** What a run depends on. */
const sources = ['lib', 'tests/support', 'tools/endurance', 'package-lock.json']

/** The commit that is checked out; with `-changed-` and a digest when files that a run depends on differ from it. */
export function currentCommit(root: string): string {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  const commit = git('rev-parse', '--short=10', 'HEAD').trim()
  const changes = git('diff', 'HEAD', '--', ...sources)
  if (changes === '') return commit
  return `${commit}-changed-${createHash('sha256').update(changes).digest('hex').slice(0, 6)}`
}

/** When and where. */
export function describeMachine(commit: string): string {
  const [{ model = '' } = {}, ...others] = cpus()
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const load = loadavg()[0]?.toFixed(0)
  const machine = `${others.length + 1} cores (${model.trim()}), load ${load}`
  return `${date} UTC, commit ${commit}, Node ${process.versions.node}, ${machine}`
}

/** The table of a run, in Markdown. */
export function renderTable(run: LongRun, results: readonly KeptResult[]): string {
  return run.renderTable?.(results) ?? renderSums(run.counts, results)
}

/** Rows of cells as a table in Markdown; the first is its head. */
export function renderCells([head = [], ...rows]: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function renderSums(counts: readonly string[], results: readonly KeptResult[]): string {
  const rows = [...Map.groupBy(results, ({ row }) => row)].map(([row, all]) => {
    const sums = counts.map((name) => sum(all.map((result) => result.counts[name] ?? 0)))
    const lost = sum(all.map((result) => result.lost.length))
    return [row, all.length, ...sums, lost, (sum(all.map(({ seconds }) => seconds)) / 60).toFixed(1)]
  })
  return renderCells([['', 'parts', ...counts, 'lost', 'minutes'], ...rows])
}

/** A line for each thing that was lost; empty when nothing was. */
export function renderLosses(results: readonly KeptResult[]): string {
  return results
    .flatMap(({ row, name, lost }) => lost.map((sentence) => `lost: ${row}, ${name}: ${sentence}`))
    .join('\n')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
