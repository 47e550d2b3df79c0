/** What the test runners wrote: the tests that name a row's id at the start of their title. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'

export interface RowTest {
  readonly id: string
  /** Path of the test file from the root of the repository. */
  readonly file: string
  readonly hasPassed: boolean
}

const root = join(import.meta.dirname, '../..')
/** A test that did not run shows nothing, and no fault either: some need root, others the longer matrix. */
const skipped: ReadonlySet<string> = new Set(['skipped', 'pending', 'todo', 'disabled'])
/** The parts of `npm test` whose titles name rows; each leaves its results in `.results`. */
const vitestParts = ['unit', 'contract', 'protocol', 'faults', 'integration', 'examples', 'package'] as const

const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ title: z.string(), ancestorTitles: z.array(z.string()), status: z.string() }),
      ),
    }),
  ),
})
const specSchema = z.object({
  title: z.string(),
  ok: z.boolean(),
  file: z.string(),
  tests: z.array(z.object({ status: z.string() })),
})
interface Suite {
  readonly specs: readonly z.infer<typeof specSchema>[]
  readonly suites?: readonly Suite[] | undefined
}
const suiteSchema: z.ZodType<Suite> = z.lazy(() =>
  z.object({ specs: z.array(specSchema), suites: z.array(suiteSchema).optional() }),
)
const playwrightSchema = z.object({ suites: z.array(suiteSchema) })

/**
 * Every test that names a row, from the results of the last run of each part.
 *
 * @param ids the rows there are: nothing else at the start of a title counts
 * @throws Error that names the part that has not been run
 */
export function readRowTests(ids: ReadonlySet<string>): readonly RowTest[] {
  const fromVitest = vitestParts.flatMap((part) =>
    vitestSchema.parse(readResults(part)).testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.filter(hasRun).flatMap(({ title, ancestorTitles, status }) =>
        [title, ...ancestorTitles].flatMap((text) =>
          idsIn(text, ids).map((id) => ({
            id,
            file: relative(root, name),
            hasPassed: status === 'passed',
          })),
        ),
      ),
    ),
  )
  const { suites } = playwrightSchema.parse(readResults('e2e'))
  const fromPlaywright = suites
    .flatMap(specsOf)
    .filter(({ tests }) => tests.some(hasRun))
    .flatMap(({ title, ok, file }) =>
      idsIn(title, ids).map((id) => ({ id, file: `tests/e2e/${file}`, hasPassed: ok })),
    )
  return [...fromVitest, ...fromPlaywright]
}

/** Whether a test was run, by either runner's word for it. */
export function hasRun({ status }: { readonly status: string }): boolean {
  return !skipped.has(status)
}

function specsOf({ specs, suites = [] }: Suite): readonly z.infer<typeof specSchema>[] {
  return [...specs, ...suites.flatMap(specsOf)]
}

/** The ids at the start of a title: `DP-9 DP-11 repeats …` names two rows, `SC-1: is never …` one. */
export function idsIn(title: string, ids: ReadonlySet<string>): readonly string[] {
  const words = title.split(' ').map((word) => word.replace(/:$/, ''))
  const end = words.findIndex((word) => !ids.has(word))
  return words.slice(0, end === -1 ? words.length : end)
}

function readResults(part: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, '.results', `${part}.json`), 'utf8'))
  } catch (cause) {
    throw new Error(`There are no results of "npm run test:${part}". Run it, or npm test, first.`, { cause })
  }
}
