/**
 * `npm run bench`: what this library costs, beside its peers in the same run. Writes docs/benchmarks.md and
 * docs/benchmarks.json.
 *
 * - `-- --only <name>` runs one measure and prints it; the page stays.
 * - `-- --quick` repeats little, to see that the measures work; the page goes to .results/bench.
 */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { createContext } from './context.ts'
import { judge } from './goals.ts'
import { installPackage, root, workFolder } from './install.ts'
import type { Measure, Section } from './measure.ts'
import { coldStart } from './measures/cold-start.ts'
import { cpu } from './measures/cpu.ts'
import { growth } from './measures/growth.ts'
import { importing } from './measures/imports.ts'
import { memory } from './measures/memory.ts'
import { parallel } from './measures/parallel.ts'
import { race } from './measures/race.ts'
import { requests } from './measures/requests.ts'
import { steps } from './measures/steps.ts'
import { tls } from './measures/tls.ts'
import { type Results, renderPage, renderSection } from './page.ts'

const measures: readonly Measure[] = [
  cpu,
  importing,
  tls,
  steps,
  parallel,
  race,
  requests,
  coldStart,
  growth,
  memory,
]

const docsFolder = join(root, 'docs')

const packages = [
  'next-atproto-auth',
  '@atproto/oauth-client',
  '@atcute/oauth-node-client',
  'iron-session',
  'next',
]

async function runMeasure(measure: Measure, isQuick: boolean): Promise<Section> {
  await using ended = new AsyncDisposableStack()
  const begun = performance.now()
  const section = await measure.run(createContext({ measure: measure.name, isQuick }, ended))
  process.stderr.write(`${measure.name}: took ${Math.round((performance.now() - begun) / 1000)} s\n`)
  // What was measured before a later measure fails is not lost.
  await writeFile(join(workFolder, `${measure.name}.json`), toJson(section))
  return section
}

async function versionOf(name: string): Promise<string> {
  const folder = name === 'next-atproto-auth' ? root : join(root, 'node_modules', name)
  const { version }: { version: string } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  return version
}

async function describeRun(sections: readonly Section[], isQuick: boolean): Promise<Results> {
  const versions = await Promise.all(packages.map(async (name) => [name, await versionOf(name)] as const))
  return {
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim()})`,
    node: process.versions.node,
    versions: Object.fromEntries(versions),
    isQuick,
    sections,
  }
}

async function writeResults(results: Results, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'benchmarks.json'), toJson(results))
  await writeFile(join(folder, 'benchmarks.md'), renderPage(results, judge(results.sections)))
  process.stdout.write(`Written: ${join(folder, 'benchmarks.md')}\n`)
  if (folder !== docsFolder) return
  // `npm run check` reads the format of what is in the repository.
  const biome = join(root, 'node_modules/.bin/biome')
  await promisify(execFile)(biome, ['format', '--write', join(folder, 'benchmarks.json')])
}

/** Six digits are more than any measurement has. */
function toJson(value: unknown): string {
  const rounded = (_: string, member: unknown) =>
    typeof member === 'number' ? Number(member.toPrecision(6)) : member
  return `${JSON.stringify(value, rounded)}\n`
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const chosen = measures.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0)
  throw new Error(
    `There is no measure ${values.only}. There are: ${measures.map(({ name }) => name).join(', ')}.`,
  )
await installPackage()
const sections: Section[] = []
for (const measure of chosen) sections.push(await runMeasure(measure, values.quick))
if (values.only === undefined) {
  await writeResults(
    await describeRun(sections, values.quick),
    values.quick ? workFolder : join(root, 'docs'),
  )
} else {
  process.stdout.write(`${sections.map(renderSection).join('\n\n')}\n`)
}
