/** A security check of lib/ and the tests that have to fail without it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Guard {
  /** Path in lib/. */
  readonly file: string
  /** What the edit takes out or weakens. */
  readonly what: string
  /** What an attacker could do without it. */
  readonly why: string
  /** The exact text that the edit replaces. It is in the file once. */
  readonly from: string
  readonly to: string
  /** The nearest test files, as paths in tests/ without `.test.ts`: `unit/web/return-to`. */
  readonly tests: readonly [string, ...string[]]
}

/** Path of the guarded file in the repository. */
export function fileOf({ file }: Guard): string {
  return `lib/${file}`
}

/** Paths of the tests in the repository. */
export function testsOf({ tests }: Guard): readonly string[] {
  return tests.map((test) => `tests/${test}.test.ts`)
}

/**
 * Returns the text of the guarded file without the guard.
 *
 * @throws Error when the text to replace is not in the file exactly once
 */
export function withoutGuard(guard: Guard, text: string): string {
  const count = text.split(guard.from).length - 1
  if (count !== 1)
    throw new Error(`${fileOf(guard)}: this text is there ${count} times, not once:\n${guard.from}`)
  return text.replace(guard.from, () => guard.to)
}

/** What is wrong with a list of guards, without a test run; empty when each edit fits and each test is there. */
export function problemsOf(guards: readonly Guard[], root: string): readonly string[] {
  const names = guards.map(({ file, what }) => `${file}: ${what}`)
  const twice = names.filter((name, at) => names.indexOf(name) !== at)
  return [
    ...twice.map((name) => `${name}: is listed twice`),
    ...guards.flatMap((guard) => problemsOfGuard(guard, root)),
  ]
}

function problemsOfGuard(guard: Guard, root: string): readonly string[] {
  try {
    withoutGuard(guard, readFileSync(join(root, fileOf(guard)), 'utf8'))
    for (const test of testsOf(guard)) readFileSync(join(root, test))
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
