/** The table of docs/conformance.md. */
import type { RowTest } from './results.ts'

export interface Row {
  readonly id: string
  readonly level: string
  readonly area: string
  /** What the library does; where it does something else than a source asks for, what that source asks for. */
  readonly requirement: string
  /** What the library does instead or besides, and why. */
  readonly decision?: string
  /** Set where passing tests must not read as "yes". */
  readonly status?: 'differs' | 'not done'
}

/** The document: what is asked for and done, whether its tests passed, and where they are. */
export function render(rows: readonly Row[], tests: readonly RowTest[]): string {
  const areas = Map.groupBy(rows, ({ area }) => area)
  const outcomes = Map.groupBy(rows, (row) => outcomeOf(row, testsOf(row, tests)))
  const count = (outcome: string) => outcomes.get(outcome)?.length ?? 0
  const covered = rows.filter((row) => testsOf(row, tests).length > 0)
  const intro = `# Conformance

What the specifications, the reference server and the threat model ask of this library, and what it does, one rule in a row,
with the tests that show it. \`npm run conformance\` writes this page from the results of \`npm test\`, which fails when the
page is out of date.

A row says what the library does. Where a source asks for something else, the row says what that is, and after **Decision**
what the library does.

| status | rows | meaning |
|---|---|---|
| yes | ${count('yes')} | The library does what the row says. |
| differs | ${count('differs')} | The library does something else, on purpose. The decision says what. |
| not done | ${count('not done')} | The library does not do all of it. The decision says what is missing. |
| **no** | ${count('**no**')} | A test of the row failed. |

${covered.length} of ${rows.length} rows have tests. A row without one is not shown yet: it may work, but nothing says so.
`
  const sections = Array.from(areas, ([area, members]) => section(area, members, tests))
  return `${intro}\n${sections.join('\n')}`
}

function testsOf({ id }: Row, tests: readonly RowTest[]): readonly RowTest[] {
  return tests.filter((test) => test.id === id)
}

function section(area: string, rows: readonly Row[], tests: readonly RowTest[]): string {
  const lines = rows.map((row) => line(row, testsOf(row, tests)))
  return `## ${area}\n\n| id | level | rule | status | tests |\n|---|---|---|---|---|\n${lines.join('\n')}\n`
}

function line(row: Row, tests: readonly RowTest[]): string {
  const { id, level, requirement, decision } = row
  // Without their numbers: those differ where some tests cannot run, and the page is to be the same.
  const files = Array.from(new Set(tests.map(({ file }) => `\`${file}\``)))
  const rule = decision === undefined ? requirement : `${requirement}<br>**Decision:** ${decision}`
  return `| ${id} | ${level} | ${rule} | ${outcomeOf(row, tests)} | ${files.sort().join(', ') || 'none yet'} |`
}

function outcomeOf({ status }: Row, tests: readonly RowTest[]): string {
  if (tests.length === 0) return '–'
  if (!tests.every(({ hasPassed }) => hasPassed)) return '**no**'
  return status ?? 'yes'
}
