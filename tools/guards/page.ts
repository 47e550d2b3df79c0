/** The table of guards in docs/guards.md. */
import { fileOf, type Guard } from './guard.ts'
import type { Outcome } from './outcomes.ts'

export interface CheckedGuard {
  readonly guard: Guard
  readonly outcome: Outcome
}

const [start, end] = ['<!-- guards: begin -->', '<!-- guards: end -->']

/**
 * Returns the page with another table.
 *
 * @param ran when and on which commit the guards were taken out
 * @throws Error when one of the two markers is missing
 */
export function withTable(
  page: string,
  checked: readonly CheckedGuard[],
  ran: { readonly date: string; readonly commit: string },
): string {
  const [before = ''] = page.split(start)
  const [, after] = page.split(end)
  if (!page.includes(start) || after === undefined)
    throw new Error(`docs/guards.md needs the lines ${start} and ${end}.`)
  const red = checked.filter(({ outcome }) => outcome.kind === 'red').length
  const sum = `Run on ${ran.date} at commit ${ran.commit}: ${red} of ${checked.length} guards are missed by a test.`
  const rows = checked.map(
    ({ guard, outcome }) =>
      `| \`${fileOf(guard)}\` | ${cell(guard.what)} | ${cell(guard.why)} | ${outcome.kind === 'red' ? cell(outcome.detail) : `**none (${outcome.kind})**`} |`,
  )
  const table = ['| File | Taken out | Attack | Test that fails |', '|---|---|---|---|', ...rows].join('\n')
  return `${before}${start}\n${sum}\n\n${table}\n${end}${after}`
}

/** Text of tests and guards in a cell: what would be markup, a link or HTML there is only text. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]|<>]/g, '\\$&')
    .slice(0, 240)
}
