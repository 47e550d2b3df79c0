/** Writes the results as a page in Markdown. */
import type { Verdict } from './goals.ts'
import type { Row, Section, Table, Unit } from './measure.ts'
import type { Figure } from './statistics.ts'

export interface Results {
  readonly machine: string
  readonly node: string
  /** Names and versions of the clients and of Next.js. */
  readonly versions: Readonly<Record<string, string>>
  /** Day of the run, such as 2026-01-31. */
  readonly day: string
  readonly isQuick: boolean
  readonly sections: readonly Section[]
}

export function renderPage(results: Results, verdicts: readonly Verdict[]): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`)
  const quick = results.isQuick
    ? '\n\n**This was a quick run, with few repetitions: it shows that the measures work, not how fast anything is.**'
    : ''
  return `# Benchmarks

Written by \`npm run bench\` on ${results.day}, in one run: Node ${results.node}, ${results.machine}; ${versions.join(', ')}.${quick}

This library is measured as the built package, through its exports. Every client runs in a process of its own, and the
clients take turns. The network they call is in another process, the same for all: PLC directory, handle resolver,
authorization server and PDS, which check PKCE, DPoP proofs, nonces and single-use refresh tokens. A cell is the median
and, in parentheses, the least and the greatest measurement. Counts are exact; times and sizes depend on the machine and
hold as ratios ([the same figures as JSON](benchmarks.json)). \`npm run bench -- --only <name>\` repeats one of
${results.sections.map(({ name }) => `\`${name}\``).join(', ')}.

${renderGoals(verdicts)}

${results.sections.map(renderSection).join('\n\n')}
`
}

function renderGoals(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ goal: { name }, row: { unit }, ours, limit, limitText, isReached }) => {
    const text = `≤ ${withUnit(limit, unit)}${limitText && ` (${limitText})`}`
    return [name, withUnit(ours, unit), text, isReached ? 'reached' : '**not reached**']
  })
  const missed = verdicts.flatMap(({ goal: { name, whenMissed }, isReached }) =>
    isReached || whenMissed === undefined ? [] : [`- **${name}:** ${whenMissed}`],
  )
  const table = toMarkdown(['', 'here', 'goal', ''], rows)
  return ['## Goals', table, ...(missed.length > 0 ? [missed.join('\n')] : [])].join('\n\n')
}

export function renderSection({ title, about, tables }: Section): string {
  return `## ${title}\n\n${about}\n\n${tables.map(renderTable).join('\n\n')}`
}

function renderTable({ head, columns, rows }: Table): string {
  const cells = (row: Row) =>
    columns.map((column) => {
      const figure = row.cells[column]
      return figure ? renderFigure(figure, row.unit) : ''
    })
  return toMarkdown(
    [head, ...columns],
    rows.map((row) => [row.name, ...cells(row)]),
  )
}

function toMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

function renderFigure({ median, min, max }: Figure, unit: Unit): string {
  const [middle, least, greatest] = [median, min, max].map((value) => withoutUnit(value))
  const spread = least === greatest ? '' : ` (${least}–${greatest})`
  return `${middle}${unit && ` ${unit}`}${spread}`
}

function withUnit(value: number, unit: Unit): string {
  return `${withoutUnit(value)}${unit && ` ${unit}`}`
}

/** Three digits that say something; small figures would otherwise read as 0. */
function withoutUnit(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
