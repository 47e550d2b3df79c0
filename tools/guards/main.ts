/**
 * `npm run test:guards` takes one security check after the other out of a copy of lib/, and fails unless a test misses it.
 *
 * `-- --only <text>`: the guards with this text in their file or description; `--jobs <n>`: copies that work at the same
 * time, default 1; `--resume`: keeps what an earlier run found, as far as guard, file and tests are the same; `--write`:
 * writes the table into docs/guards.md, and its sum into docs/security.md.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { copyRepository, type RepositoryCopy } from './copy.ts'
import { fileOf, type Guard, problemsOf, testsOf } from './guard.ts'
import { guards } from './list/index.ts'
import { type Outcome, openOutcomes, outcomeOf, titleOf } from './outcomes.ts'
import { type CheckedGuard, withSum, withTable } from './page.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    resume: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
// So that the copies are removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const chosen = guards.filter(({ file, what }) => `${file} ${what}`.includes(values.only))
const problems = problemsOf(guards, root)
if (values.write && values.only !== '') fail('--write writes the whole table: leave out --only.')
else if (!/^[1-9]\d?$/.test(values.jobs)) fail('--jobs is a number from 1 to 99.')
else if (chosen.length === 0) fail(`No guard has "${values.only}" in its file or description.`)
else if (problems.length > 0) fail(problems.join('\n'))
else await checkAll()

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}

async function checkAll(): Promise<void> {
  const kept = openOutcomes(root, values)
  const waiting = chosen.filter((guard) => kept.find(guard) === undefined)
  const copies = Array.from({ length: Math.min(Number(values.jobs), waiting.length) }, () =>
    copyRepository(root),
  )
  try {
    const [first] = copies
    if (first && !(await areGreen(first, waiting))) return
    const queue = waiting.entries()
    const work = async (copy: RepositoryCopy) => {
      for (const [at, guard] of queue) {
        const outcome = outcomeOf(await copy.runWithout(guard))
        kept.keep(guard, outcome)
        console.log(`[${at + 1}/${waiting.length}] ${outcome.kind.padEnd(6)} ${fileOf(guard)}: ${guard.what}`)
      }
    }
    await Promise.all(copies.map(work))
  } finally {
    for (const copy of copies) copy.remove()
  }
  report(chosen.map((guard) => ({ guard, outcome: kept.find(guard) ?? notRun })))
}

const notRun: Outcome = { kind: 'broken', detail: 'It did not run.' }

/** A test that fails with all guards in place shows nothing about one of them. */
async function areGreen(copy: RepositoryCopy, waiting: readonly Guard[]): Promise<boolean> {
  const files = [...new Set(waiting.flatMap(testsOf))]
  console.log(
    `${waiting.length} guards to take out. First their ${files.length} test files with all in place.`,
  )
  const { tests, output } = await copy.run(files)
  const failed = tests?.filter(({ outcome }) => outcome === 'failed')
  if (failed?.length === 0) return true
  const titles = failed?.map((test) => `${test.file}: ${titleOf(test)}`) ?? [output]
  fail(`The tests have to pass before a guard is taken out:\n${titles.join('\n')}`)
  return false
}

function report(checked: readonly CheckedGuard[]): void {
  const missed = checked.filter(({ outcome }) => outcome.kind === 'red')
  console.log('')
  for (const { guard, outcome } of checked)
    console.log(`${outcome.kind.padEnd(6)}  ${fileOf(guard)}: ${guard.what}`)
  for (const { guard, outcome } of checked) {
    if (outcome.kind === 'green') console.log(`\nNo test misses ${fileOf(guard)}: ${guard.what}`)
    if (outcome.kind === 'broken')
      console.log(`\nThe tests did not run for ${fileOf(guard)}: ${guard.what}\n${outcome.detail}`)
  }
  console.log(`\n${missed.length} of ${checked.length} guards are missed by a test.`)
  if (missed.length < checked.length) process.exitCode = 1
  if (values.write) writePages(checked)
}

function writePages(checked: readonly CheckedGuard[]): void {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' })
  const ran = { date: new Date().toISOString().slice(0, 10), commit: commit.trim() }
  for (const [page, write] of [
    ['docs/guards.md', withTable],
    ['docs/security.md', withSum],
  ] as const) {
    const path = join(root, page)
    writeFileSync(path, write(readFileSync(path, 'utf8'), checked, ran))
    console.log(`${page} is written.`)
  }
}
