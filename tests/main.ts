/**
 * `npm test`: every part, one after the other, and at the end how long each took and which tests failed, with the reason.
 * With `-- --long` also the tests that take long: the package in more applications, all variations in the browser, and
 * more random input than the same at each run.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type FinishedTest, parseResults } from './support/results.ts'
import { tryAgain } from './support/second-try.ts'
import { countOf, type FinishedPart, summaryOf } from './support/summary.ts'

const parts = [
  ...['check', 'test:unit', 'test:contract', 'test:faults', 'test:protocol', 'test:integration'],
  ...['test:examples', 'test:package', 'test:e2e', 'conformance -- --check'],
]
const withoutResults: ReadonlySet<string> = new Set(['conformance -- --check'])
const browserParts: ReadonlySet<string> = new Set(['test:package', 'test:e2e'])
/** For the random input of the unit tests. */
const longInput = { FUZZ_SEED: 'random', FUZZ_RUNS: '20000' }
const { values } = parseArgs({ options: { long: { type: 'boolean' } } })

const resultsOf = (part: string) => `.results/${part.replace('test:', '')}.json`

// What an earlier run left says nothing about this one.
for (const part of parts) rmSync(resultsOf(part), { force: true })
const finished = parts.map(run)
console.log(`\n${summaryOf(finished).join('\n')}`)
process.exitCode = finished.some(({ tests }) => countOf(tests, 'failed') > 0) ? 1 : 0

function run(part: string, at: number): FinishedPart {
  console.log(`\n[${at + 1}/${parts.length}] ${part}`)
  const startedAt = performance.now()
  let status = runPart(part)
  const first = readTests(part)
  const again =
    status !== 0 && browserParts.has(part) && first
      ? tryAgain(resultsOf(part), (files) => {
          console.log(`\n[${at + 1}/${parts.length}] ${part}: once more ${files.join(', ')}`)
          status = runPart(part, files)
        })
      : undefined
  const tests = again?.tests ?? first
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  const isTold = status === 0 ? tests !== undefined : countOf(tests ?? [], 'failed') > 0
  // Not told by its tests: one of the checks that are no tests failed, or the runner ended before its tests did.
  const title = `ended with ${status ?? 'a signal'}${tests === undefined ? ' and left no results' : ''}`
  const whole: FinishedTest = { title, ancestors: [], file: '', outcome: 'failed' }
  return {
    part,
    minutes,
    tests: isTold ? (tests ?? []) : [...(tests ?? []), whole],
    unsteady: again?.unsteady ?? [],
  }
}

/** Returns the exit code; null after a signal. */
function runPart(part: string, files: readonly string[] = []): number | null {
  const options = [...(values.long && browserParts.has(part) ? ['--long'] : []), ...files]
  const args = options.length > 0 ? [part, '--', ...options] : part.split(' ')
  const env = values.long ? { ...process.env, ...longInput } : process.env
  return spawnSync('npm', ['run', ...args], { stdio: 'inherit', env }).status
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
