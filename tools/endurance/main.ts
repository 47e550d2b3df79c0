/**
 * `npm run endurance -- <name> [--scale <share>] [--restart]`: long runs, each a program of its own. It prints each part
 * as it ends and a table at the end, and fails when anything was lost.
 *
 * Ctrl-C stops it. The same command then goes on with the parts that are missing, that which was under way among them, as
 * long as commit and scale are the same; `--restart` begins again.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type KeptResults, openResults } from './kept-results.ts'
import type { LongRun } from './long-run.ts'
import { currentCommit, describeMachine, renderLosses, renderTable } from './report.ts'

const root = join(import.meta.dirname, '../..')
const runs: Readonly<Record<string, () => Promise<LongRun>>> = {
  crash: async () => (await import('./crash/crash.ts')).crash,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' }, restart: { type: 'boolean', default: false } },
})
const [name = ''] = positionals
const scale = Number(values.scale)
const load = runs[name]
if (!load) await fail(await usage())
else if (!(scale > 0 && scale <= 1))
  await fail('--scale is a number above 0 and up to 1: the share of the full run.')
else await play(await load())

async function usage(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(runs).map(async ([run, open]) => `  ${run.padEnd(8)}${(await open()).what}`),
  )
  return `npm run endurance -- <name> [--scale <share>] [--restart], with one of these names:\n${lines.join('\n')}`
}

async function fail(message: string): Promise<void> {
  console.error(message)
  process.exitCode = 1
}

async function play(run: LongRun): Promise<void> {
  const parts = run.parts(scale)
  const kept = openResults({ root, name, commit: currentCommit(), scale, restart: values.restart })
  const open = parts.filter((part) => !kept.has(part))
  if (open.length === 0) return report(run, kept)
  console.log(
    `${describeMachine()}\n${name}, scale ${scale}: ${open.length} of ${parts.length} parts to play.`,
  )
  process.once('SIGINT', () => {
    console.log('Stopped. The same command goes on with the parts that are missing.')
    process.exit(130)
  })
  for (const part of open) {
    const begunAt = performance.now()
    const { counts, lost } = await part.play()
    const seconds = Math.round((performance.now() - begunAt) / 100) / 10
    kept.keep({ row: part.row, name: part.name, counts, lost, seconds })
    const figures = run.counts.map((count) => `${count} ${counts[count] ?? 0}`).join(', ')
    console.log(`[${kept.all.length}/${parts.length}] ${part.row}, ${part.name}: ${figures}, ${seconds} s`)
    for (const sentence of lost) console.log(`  lost: ${sentence}`)
  }
  report(run, kept)
}

function report(run: LongRun, { all, path }: KeptResults): void {
  console.log(`\n${renderTable(run, all)}`)
  const losses = renderLosses(all)
  console.log(losses || 'Nothing was lost.')
  console.log(`Kept in ${path}.`)
  if (losses) process.exitCode = 1
}
