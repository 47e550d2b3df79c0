/** What the test runners wrote: the tests that name a row's id at the start of their title. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type FinishedTest, parseResults, wholeFile } from '../../tests/support/results.ts'

export interface RowTest {
  readonly id: string
  /** Path of the test file from the root of the repository. */
  readonly file: string
  readonly hasPassed: boolean
}

const root = join(import.meta.dirname, '../..')
/** The parts of `npm test` whose titles name rows; each leaves its results in `.results`. */
const vitestParts = ['unit', 'contract', 'protocol', 'faults', 'integration', 'examples', 'package'] as const

/**
 * Every test that names a row, from the results of the last run of each part.
 *
 * @param ids the rows there are: nothing else at the start of a title counts
 * @throws Error that names the part, or the file, that has not been run: without its tests the page would lose rows
 */
export function readRowTests(ids: ReadonlySet<string>): readonly RowTest[] {
  const rowTests = (tests: readonly FinishedTest[], fileOf: (file: string) => string) =>
    tests
      .filter(({ outcome }) => outcome !== 'skipped')
      .flatMap(({ title, ancestors, file, outcome }) =>
        [title, ...ancestors].flatMap((text) =>
          idsIn(text, ids).map((id) => ({ id, file: fileOf(file), hasPassed: outcome === 'passed' })),
        ),
      )
  return [
    ...vitestParts.flatMap((part) => rowTests(readResults(part), (file) => relative(root, file))),
    ...rowTests(readResults('e2e'), (file) => `tests/e2e/${file}`),
  ]
}

/** The ids at the start of a title: `DP-9 DP-11 repeats …` names two rows, `SC-1: is never …` one. */
export function idsIn(title: string, ids: ReadonlySet<string>): readonly string[] {
  const words = title.split(' ').map((word) => word.replace(/:$/, ''))
  const end = words.findIndex((word) => !ids.has(word))
  return words.slice(0, end === -1 ? words.length : end)
}

function readResults(part: string): readonly FinishedTest[] {
  return requireWholeFiles(parseResults(readFile(part)))
}

function readFile(part: string): string {
  try {
    return readFileSync(join(root, '.results', `${part}.json`), 'utf8')
  } catch (cause) {
    throw new Error(`There are no results of "npm run test:${part}". Run it, or npm test, first.`, { cause })
  }
}

/** The same tests, if each file that holds some could run them. */
export function requireWholeFiles(tests: readonly FinishedTest[]): readonly FinishedTest[] {
  const broken = tests.find(({ title, outcome }) => title === wholeFile && outcome === 'failed')
  if (broken)
    throw new Error(`The tests of ${broken.file} could not be run. Run them again, or npm test, first.`)
  return tests
}
