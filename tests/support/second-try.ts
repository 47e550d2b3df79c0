/**
 * Test files with a failure, run once more. Only for tests that drive a browser, npm and `next build`: on a busy machine one
 * of hundreds can fail for a reason that is not ours. What failed is printed all the same. Where nothing but our own code
 * takes part, a failure that comes and goes is a fault of the code, and there is no second try.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type FinishedTest, parseResults, withLaterFiles } from './results.ts'

/** With more failures than that, it is not the machine. */
const MOST_FILES = 3

export interface SecondTry {
  /** How all tests of the part ended: those of the files that were run again, as in the second run. */
  readonly tests: readonly FinishedTest[]
  /** What failed first and passed then. */
  readonly unsteady: readonly FinishedTest[]
}

/**
 * Runs the files with a failure again and leaves one file of results for both runs.
 *
 * @param results where the runner writes its results
 * @param runAgain runs the files of these names; returns when they have ended
 * @returns undefined when nothing failed, or too much
 */
export function tryAgain(
  results: string,
  runAgain: (files: readonly string[]) => void,
): SecondTry | undefined {
  const earlier = readFileSync(results, 'utf8')
  const failed = parseResults(earlier).filter(({ outcome }) => outcome === 'failed')
  const files = [...new Set(failed.map(({ file }) => basename(file)))]
  if (files.length === 0 || files.length > MOST_FILES) return undefined
  rmSync(results)
  runAgain(files)
  const both = existsSync(results) ? withLaterFiles(earlier, readFileSync(results, 'utf8')) : earlier
  writeFileSync(results, both)
  const tests = parseResults(both)
  const isStillFailed = (test: FinishedTest) =>
    tests.some((other) => other.outcome === 'failed' && isSame(other, test))
  return { tests, unsteady: failed.filter((test) => !isStillFailed(test)) }
}

function isSame(one: FinishedTest, other: FinishedTest): boolean {
  const key = ({ file, project, ancestors, title }: FinishedTest) =>
    JSON.stringify([file, project, ancestors, title])
  return key(one) === key(other)
}
