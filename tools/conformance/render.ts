/** The table of docs/conformance.md. */
import type { RowTest } from './results.ts'

export interface Row {
  readonly id: string
  readonly level: string
  readonly area: string
  readonly requirement: string
}

/** The document: what is demanded, whether its tests passed, and where they are. */
export function render(rows: readonly Row[], tests: readonly RowTest[]): string {
  const areas = Map.groupBy(rows, ({ area }) => area)
  const covered = rows.filter(({ id }) => tests.some((test) => test.id === id))
  const intro = `# Conformance

What the specifications, the reference server and the threat model demand of this library, a row each, and the tests that
show it. Written by \`npm run conformance\` from the results of \`npm test\`, which fails when this page is out of date.

${covered.length} of ${rows.length} rows have tests. A row without one is not shown yet: it may work, but nothing says so.
`
  const sections = Array.from(areas, ([area, members]) => section(area, members, tests))
  return `${intro}\n${sections.join('\n')}`
}

function section(area: string, rows: readonly Row[], tests: readonly RowTest[]): string {
  const lines = rows.map((row) =>
    line(
      row,
      tests.filter(({ id }) => id === row.id),
    ),
  )
  return `## ${area}\n\n| id | level | requirement | pass | tests |\n|---|---|---|---|---|\n${lines.join('\n')}\n`
}

function line({ id, level, requirement }: Row, tests: readonly RowTest[]): string {
  // Without their numbers: those differ where some tests cannot run, and the page is to be the same.
  const files = Array.from(new Set(tests.map(({ file }) => `\`${file}\``)))
  const pass = tests.length === 0 ? '–' : tests.every(({ hasPassed }) => hasPassed) ? 'yes' : '**no**'
  return `| ${id} | ${level} | ${requirement} | ${pass} | ${files.sort().join(', ') || 'none yet'} |`
}
