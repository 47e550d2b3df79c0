/** What came out for each guard, kept from run to run. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { FinishedTest } from '../../tests/support/results.ts'
import { fileOf, type Guard, testsOf } from './guard.ts'

/**
 * `red`: a test failed without the guard. `green`: all passed. `broken`: the tests did not run, because the edit leaves
 * no program, for instance.
 */
const outcomeSchema = z.object({
  kind: z.enum(['red', 'green', 'broken']),
  /** The first test that failed, or what the broken run printed. */
  detail: z.string(),
})
export type Outcome = z.infer<typeof outcomeSchema>

export interface KeptOutcomes {
  find(guard: Guard): Outcome | undefined
  keep(guard: Guard, outcome: Outcome): void
}

/** Opens the file of outcomes; an outcome counts as long as the guard, its file and its tests are the same. */
export function openOutcomes(root: string, { resume }: { readonly resume: boolean }): KeptOutcomes {
  const path = join(root, '.results/guards.json')
  const outcomes = new Map<string, Outcome>(resume ? readOutcomes(path) : [])
  return {
    find: (guard) => outcomes.get(keyOf(guard, root)),
    keep(guard, outcome) {
      outcomes.set(keyOf(guard, root), outcome)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify([...outcomes]))
    },
  }
}

function readOutcomes(path: string): [string, Outcome][] {
  try {
    return z.array(z.tuple([z.string(), outcomeSchema])).parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // There was no earlier run, or only a beginning of its file.
    return []
  }
}

function keyOf(guard: Guard, root: string): string {
  const hash = createHash('sha256').update(JSON.stringify(guard))
  for (const path of [fileOf(guard), ...testsOf(guard)]) hash.update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/** A run of test files. */
export interface TestRun {
  /** Undefined when the run left no results. */
  readonly tests: readonly FinishedTest[] | undefined
  /** The end of what it printed. */
  readonly output: string
}

/** As `parseResults` calls a file that failed before its tests ran. */
const WHOLE_FILE = 'the file as a whole'

/** What a run without the guard shows. */
export function outcomeOf({ tests, output }: TestRun): Outcome {
  const failed = tests?.find(({ outcome, title }) => outcome === 'failed' && title !== WHOLE_FILE)
  if (failed) return { kind: 'red', detail: titleOf(failed) }
  return tests && tests.length > 0 && tests.every(({ outcome }) => outcome !== 'failed')
    ? { kind: 'green', detail: '' }
    : { kind: 'broken', detail: output }
}

/** The whole title of a test, with those of its groups. */
export function titleOf({ ancestors, title }: FinishedTest): string {
  return [...ancestors, title].filter(Boolean).join(' › ')
}
