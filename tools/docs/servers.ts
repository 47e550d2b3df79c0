/** docs/servers.md: which servers the library works with, from the descriptions that the tests play. */
import { makers } from '../../tests/support/protocol/makers/index.ts'
import { type Limit, type Maker, READ, type Step, steps } from '../../tests/support/protocol/makers/maker.ts'

const intro = `# Servers

Accounts live on servers of several makers. This page says what works with each of them. \`npm run docs\` generates it from
the descriptions in [tests/support/protocol/makers](../tests/support/protocol/makers), and
[tests/protocol/makers](../tests/protocol/makers) plays each of them over HTTP, step by step: what is marked as working works
there, and where something does not work, the text below is what comes.

A description is not the server. Where the table says "${READ}", its answers are known from its source, not from a
request to it. What a description does not name is as at the reference server, and a newer version may answer in another
way. If something differs at your server, please open an issue.`

const names = Object.keys(steps) as Step[]

/** The page. */
export function writeServers(): string {
  return `${[
    intro,
    '## Versions',
    table(['server', 'language', 'version', 'how it was tried'], makers.map(versionOf)),
    '## What works',
    '“in part” and “no” lead to what is missing.',
    table(['step', ...makers.map(({ name }) => name)], names.map(rowOf)),
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
  return limit ? `[${limit.inPart ? 'in part' : 'no'}](#${anchorOf(name)})` : 'yes'
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

function itemOf(step: Step, { theirs, seen, where = 'the error', visitorReads }: Limit): string {
  const visitor = visitorReads === undefined ? '' : ` A visitor reads “${visitorReads}”`
  return `- **${steps[step]}**, their side: ${theirs} You see \`${seen}\` in ${where}.${visitor}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
