/** What a run of the guards leaves in the docs: the table in docs/guards.md, and its sum in docs/security.md. */
import { fileOf, type Guard } from './guard.ts'
import type { Outcome } from './outcomes.ts'

export interface CheckedGuard {
  readonly guard: Guard
  readonly outcome: Outcome
}

/** When and on which commit the guards were taken out. */
export interface Ran {
  readonly date: string
  readonly commit: string
}

const [start, end] = ['<!-- guards: begin -->', '<!-- guards: end -->']

/**
 * Returns the page with another table between its markers.
 *
 * @throws Error when one of the two markers is missing
 */
export function withTable(page: string, checked: readonly CheckedGuard[], { date, commit }: Ran): string {
  const sum = `Run on ${date} at commit ${commit}: ${redOf(checked)} of ${checked.length} guards are missed by a test.`
  const rows = checked.map(
    ({ guard, outcome }) =>
      `| \`${fileOf(guard)}\` | ${cell(guard.what)} | ${cell(guard.why)} | ${outcome.kind === 'red' ? cell(outcome.detail) : `**none (${outcome.kind})**`} |`,
  )
  const table = ['| File | Taken out | Attack | Test that fails |', '|---|---|---|---|', ...rows].join('\n')
  return between(page, `${sum}\n\n${table}`)
}

/**
 * Returns the page with another sum of a run between its markers.
 *
 * @throws Error when one of the two markers is missing
 */
export function withSum(page: string, checked: readonly CheckedGuard[], { date, commit }: Ran): string {
  return between(
    page,
    `Run on ${date} at commit ${commit}: ${checked.length} checks were taken out, and a test failed for ${redOf(checked)} of them.`,
  )
}

function redOf(checked: readonly CheckedGuard[]): number {
  return checked.filter(({ outcome }) => outcome.kind === 'red').length
}

function between(page: string, text: string): string {
  const [before = ''] = page.split(start)
  const [, after] = page.split(end)
  if (!page.includes(start) || after === undefined)
    throw new Error(`The page needs the lines ${start} and ${end}.`)
  return `${before}${start}\n${text}\n${end}${after}`
}

/** Text of tests and guards in a cell: what would be markup, a link or HTML there is only text. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]|<>]/g, '\\$&')
    .slice(0, 240)
}
