/** docs/servers.md: which servers the library works with, from the descriptions that the tests play. */
import { makers } from '../../tests/support/protocol/makers/index.ts'
import { type Limit, type Maker, READ, type Step, steps } from '../../tests/support/protocol/makers/maker.ts'

const intro = `# Servers

Accounts live on servers of several makers. This page says what works with each of them. \`npm run docs\` generates it from
the descriptions in [tests/support/protocol/makers](../tests/support/protocol/makers), and
[tests/protocol/makers](../tests/protocol/makers) plays each of them over HTTP. Everything marked “yes” works in these
tests. For the rest, the text below quotes what you see.

A description is not the server itself. Where it is silent, the test answers like the reference server, and other versions
may differ. Where the table says “${READ}”, its answers are known from its source, not from a request to it.
If something differs at your server, please open an issue.

To learn which software a PDS runs, ask its operator, or open \`https://PDS/\` or \`https://PDS/xrpc/_health\`; not every
server says.`

const legend = `“their side: in part” and “their side: no” lead to what is missing. All of these are faults of the server, which the
library cannot correct. “–” cannot be tried, because sign-in does not work.`

const names = Object.keys(steps) as Step[]

/** The page. */
export function writeServers(): string {
  return `${[
    intro,
    '## Versions',
    table(['server', 'language', 'version', 'how it was tried'], makers.map(versionOf)),
    '## What works',
    legend,
    table(['what', ...makers.map(({ name }) => name)], names.map(rowOf)),
    ...makers.filter(hasMore).flatMap(sectionOf),
  ].join('\n\n')}\n`
}

function versionOf({ name, language, version, tried }: Maker): readonly string[] {
  return [name, language, version, tried]
}

function rowOf(step: Step): readonly string[] {
  return [steps[step], ...makers.map((maker) => cellOf(maker, step))]
}

function cellOf(maker: Maker, step: Step): string {
  const { limits, name } = maker
  const limit = limits[step]
  const isReached = step === 'confidential' || limits.confidential === undefined
  if (!isReached) return '–'
  return limit ? `[their side: ${limit.inPart ? 'in part' : 'no'}](#${anchorOf(name)})` : 'yes'
}

function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-').replaceAll('.', '')
}

function hasMore({ limits, notes = [] }: Maker): boolean {
  return Object.keys(limits).length + notes.length > 0
}

function sectionOf({ name, limits, notes = [] }: Maker): readonly string[] {
  const missing = names.flatMap((step) => {
    const limit = limits[step]
    return limit ? [itemOf(step, limit)] : []
  })
  return [`## ${name}`, [...missing, ...notes.map((note) => `- ${note}`)].join('\n')]
}

function itemOf(step: Step, { theirs, seen, where, visitorReads, remedy }: Limit): string {
  const sight = where === undefined ? `The log has \`${seen}\`.` : `You see \`${seen}\` in ${where}.`
  const visitor = visitorReads === undefined ? [] : [`A visitor reads “${visitorReads}”`]
  return `- **${steps[step]}**: ${[theirs, sight, ...visitor, remedy].join(' ')}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
