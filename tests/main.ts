/**
 * `npm test`: every part, one after the other, and at the end how long each took and which tests failed. With `-- --long`
 * also the tests that take long: the package in more applications, all variations in the browser, and more random input
 * than the same at each run.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type FinishedTest, parseResults } from './support/results.ts'

const parts = [
  ...['check', 'test:unit', 'test:contract', 'test:faults', 'test:protocol', 'test:integration'],
  ...['test:examples', 'test:package', 'test:e2e', 'conformance -- --check'],
]
const withoutResults: ReadonlySet<string> = new Set(['conformance -- --check'])
const longParts: ReadonlySet<string> = new Set(['test:package', 'test:e2e'])
/** For the random input of the unit tests. */
const longInput = { FUZZ_SEED: 'random', FUZZ_RUNS: '20000' }
const { values } = parseArgs({ options: { long: { type: 'boolean' } } })

interface FinishedPart {
  readonly part: string
  readonly minutes: string
  readonly tests: readonly FinishedTest[]
}

const resultsOf = (part: string) => `.results/${part.replace('test:', '')}.json`
const count = (tests: readonly FinishedTest[], outcome: FinishedTest['outcome']) =>
  tests.filter((test) => test.outcome === outcome).length

// What an earlier run left says nothing about this one.
for (const part of parts) rmSync(resultsOf(part), { force: true })
const finished = parts.map(run)
report(finished)

function run(part: string, at: number): FinishedPart {
  console.log(`\n[${at + 1}/${parts.length}] ${part}`)
  const startedAt = performance.now()
  const args = values.long && longParts.has(part) ? [part, '--', '--long'] : part.split(' ')
  const { status } = spawnSync('npm', ['run', ...args], {
    stdio: 'inherit',
    env: values.long ? { ...process.env, ...longInput } : process.env,
  })
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  const tests = readTests(part)
  const isTold = status === 0 ? tests !== undefined : count(tests ?? [], 'failed') > 0
  // Not told by its tests: one of the checks that are no tests failed, or the runner ended before its tests did.
  const title = `ended with ${status ?? 'a signal'}${tests === undefined ? ' and left no results' : ''}`
  const whole: FinishedTest = { title, ancestors: [], file: '', outcome: 'failed' }
  return { part, minutes, tests: isTold ? (tests ?? []) : [...(tests ?? []), whole] }
}

/** What a part has left; nothing when there is no file or only a beginning of it. */
function readTests(part: string): readonly FinishedTest[] | undefined {
  if (withoutResults.has(part)) return []
  try {
    return parseResults(readFileSync(resultsOf(part), 'utf8'))
  } catch {
    // The part is then counted as failed.
    return undefined
  }
}

/** Prints it, the sum in the last line, and sets the exit code. */
function report(ended: readonly FinishedPart[]): void {
  console.log('\nminutes  passed  failed  part')
  for (const { part, minutes, tests } of ended) {
    const numbers = [
      minutes.padStart(7),
      ...(['passed', 'failed'] as const).map((outcome) => String(count(tests, outcome)).padStart(6)),
    ]
    console.log(`${numbers.join('  ')}  ${part}`)
  }
  for (const { part, tests } of ended) {
    for (const test of tests) if (test.outcome === 'failed') console.log(`failed: ${part}: ${nameOf(test)}`)
  }
  const all = ended.flatMap(({ tests }) => tests)
  const skipped = count(all, 'skipped')
  console.log(
    `${count(all, 'passed')} passed, ${count(all, 'failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  )
  process.exitCode = count(all, 'failed') > 0 ? 1 : 0
}

function nameOf({ file, ancestors, title, project }: FinishedTest): string {
  const place = file.startsWith('/') ? relative(process.cwd(), file) : file
  return [...(project === undefined ? [] : [`[${project}]`]), place, ...ancestors, title]
    .filter(Boolean)
    .join(' › ')
}
