/** Makes the applications of examples/ as a person would who copies one: its files, and an installation. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { copyInstallation, reachLocalNetwork } from './bare-app.ts'
import { newest } from './matrix.ts'
import { npm, runIn } from './npm.ts'
import type { World } from './world.ts'

export type ExampleName = 'minimal' | 'tutorial' | 'testing' | 'connect' | 'postgres'

const examples = join(import.meta.dirname, '../../../examples')
/** What somebody who ran the example where it is has left there. */
const leftovers =
  /^(node_modules|\.next|\.atproto-(auth|test)|test-results|\.env.*|app\.db.*|package-lock\.json)$/
/** Where each example calls this library. */
const configured: Readonly<Record<ExampleName, string>> = {
  minimal: 'auth.ts',
  tutorial: 'auth.ts',
  testing: 'auth.ts',
  connect: 'atproto.ts',
  postgres: 'auth.ts',
}

/** What an example needs beyond the installation that all share. */
const packagesOf: Readonly<Partial<Record<ExampleName, readonly string[]>>> = {
  connect: ['better-auth'],
  postgres: ['pg', 'drizzle-orm', '@types/pg'],
}

/** Copies the example's files beside an installation. */
export async function copyExample(name: ExampleName, installed: string, folder: string): Promise<void> {
  await copyInstallation(installed, folder)
  await addPackages(packagesOf[name] ?? [], name, folder)
  const filter = (path: string) => !leftovers.test(basename(path))
  await cp(join(examples, name), folder, { recursive: true, filter })
}

/** Copies the example, with a route for jobs in the tutorial's; its folder. */
export async function makeExample(name: ExampleName, world: World): Promise<string> {
  const folder = join(world.folder, name)
  await copyExample(name, await world.installed(newest), folder)
  await reachLocalNetwork(join(folder, configured[name]))
  if (name !== 'tutorial') return folder
  await reachLocalNetwork(join(folder, 'import-sessions.ts'), 'new OAuthClient({')
  await cp(join(import.meta.dirname, '../../package/job'), join(folder, 'app/job'), { recursive: true })
  return folder
}

/** Installs packages in the versions that the example asks for. */
async function addPackages(names: readonly string[], example: ExampleName, folder: string): Promise<void> {
  if (names.length === 0) return
  // A hard link to that of the shared installation, which npm would write into.
  await rm(join(folder, 'node_modules/.package-lock.json'))
  const { dependencies, devDependencies } = JSON.parse(await exampleFile(example, 'package.json'))
  const versions = { ...dependencies, ...devDependencies }
  await npm(['install', ...names.map((name) => `${name}@${versions[name]}`)], folder)
}

/** The text of one of its files, as it is in the repository. */
export function exampleFile(name: ExampleName, path: string): Promise<string> {
  return readFile(join(examples, name, path), 'utf8')
}

/** The example's settings in `.env.local`, where its scripts find them too. */
export async function configure(folder: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
  await writeFile(join(folder, '.env.local'), lines.join(''))
}

/** Runs one of the example's own scripts; what it printed. */
export function runScript(folder: string, name: string): Promise<string> {
  return runIn(folder, 'npm', ['run', '--silent', name])
}
