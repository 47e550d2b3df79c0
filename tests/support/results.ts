/** What the test runners write to `.results`, read into one form. */
import { z } from 'zod'

export interface FinishedTest {
  readonly title: string
  /** Titles of the groups around it, the outermost first. */
  readonly ancestors: readonly string[]
  /** As the runner names it: vitest by its whole path, Playwright from its test folder. */
  readonly file: string
  /** Only of Playwright. */
  readonly project?: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** What the runner says of a failure, the stack with it. */
  readonly message?: string
}

/** The title that stands for a file whose tests could not be run, such as when what they stand on did not start. */
export const wholeFile = 'the file as a whole'

/** A test that did not run shows nothing, and no fault either: some need root, others the longer matrix. */
const skipped: ReadonlySet<string> = new Set(['skipped', 'pending', 'todo', 'disabled'])

const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          ancestorTitles: z.array(z.string()),
          status: z.string(),
          failureMessages: z.array(z.string()).optional(),
        }),
      ),
    }),
  ),
})
const specSchema = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      projectName: z.string(),
      status: z.string(),
      results: z
        .array(z.object({ errors: z.array(z.object({ message: z.string().optional() })) }))
        .optional(),
    }),
  ),
})
interface Suite {
  readonly title: string
  readonly specs: readonly z.infer<typeof specSchema>[]
  readonly suites?: readonly Suite[] | undefined
}
const suiteSchema: z.ZodType<Suite> = z.lazy(() =>
  z.object({ title: z.string(), specs: z.array(specSchema), suites: z.array(suiteSchema).optional() }),
)
/** As far as the files of a run are told apart: vitest gives them a name, Playwright calls it `file`. */
const resultFileSchema = z.looseObject({ name: z.string().optional(), file: z.string().optional() })
type ResultFile = z.infer<typeof resultFileSchema>
const fileListSchema = z.looseObject({
  testResults: z.array(resultFileSchema).optional(),
  suites: z.array(resultFileSchema).optional(),
})
const playwrightSchema = z.object({ suites: z.array(suiteSchema) })

/** Whether a test was run, by either runner's word for it. */
export function hasRun({ status }: { readonly status: string }): boolean {
  return !skipped.has(status)
}

/**
 * Every test of a file of results.
 *
 * @throws ZodError when neither runner writes such a file
 */
export function parseResults(json: string): readonly FinishedTest[] {
  const results: unknown = JSON.parse(json)
  const ofVitest = vitestSchema.safeParse(results)
  if (ofVitest.success) return ofVitest.data.testResults.flatMap(testsOfFile)
  return playwrightSchema.parse(results).suites.flatMap((suite) => testsOfSuite(suite, []))
}

/**
 * The same results with the files of a later run in the place of the earlier ones.
 *
 * @param earlier, later what one runner has written
 */
export function withLaterFiles(earlier: string, later: string): string {
  const [before, after] = [fileListSchema.parse(JSON.parse(earlier)), fileListSchema.parse(JSON.parse(later))]
  const name = ({ name, file }: ResultFile) => name ?? file
  const replace = (files: readonly ResultFile[] = [], again: readonly ResultFile[] = []) => {
    const names = new Set(again.map(name))
    return [...files.filter((file) => !names.has(name(file))), ...again]
  }
  if (before.suites) return JSON.stringify({ ...before, suites: replace(before.suites, after.suites) })
  return JSON.stringify({ ...before, testResults: replace(before.testResults, after.testResults) })
}

function testsOfFile({
  name: file,
  status,
  message,
  assertionResults,
}: z.infer<typeof vitestSchema>['testResults'][number]): readonly FinishedTest[] {
  const tests = assertionResults.map((result) => ({
    title: result.title,
    ancestors: result.ancestorTitles,
    file,
    outcome: outcomeOf(result, ['passed']),
    ...saying(result.failureMessages),
  }))
  if (status !== 'failed' || tests.some(({ outcome }) => outcome === 'failed')) return tests
  return [...tests, { title: wholeFile, ancestors: [], file, outcome: 'failed', ...saying([message]) }]
}

/** The outermost suites are the files. */
function testsOfSuite({ specs, suites = [] }: Suite, ancestors: readonly string[]): readonly FinishedTest[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests.map((result) => ({
      title,
      ancestors,
      file,
      project: result.projectName,
      outcome: outcomeOf(result, ['expected', 'flaky']),
      ...saying(result.results?.flatMap(({ errors }) => errors.map((error) => error.message))),
    })),
  )
  return [...own, ...suites.flatMap((suite) => testsOfSuite(suite, [...ancestors, suite.title]))]
}

function outcomeOf(result: { readonly status: string }, words: readonly string[]): FinishedTest['outcome'] {
  if (!hasRun(result)) return 'skipped'
  return words.includes(result.status) ? 'passed' : 'failed'
}

function saying(messages: readonly (string | undefined)[] = []): { readonly message?: string } {
  const [message] = messages.filter(Boolean)
  return message === undefined ? {} : { message }
}
