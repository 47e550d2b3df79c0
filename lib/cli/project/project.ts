/** What kind of application is in a folder: read from its files, without asking anybody and without running it. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ConfigurationError } from '../../errors.ts'
import { readText } from './env-files.ts'
import { parseVersion, type Version } from './versions.ts'

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

export interface Project {
  readonly folder: string
  readonly name: string | undefined
  /** As installed, or as package.json asks for; undefined for words such as `latest`. */
  readonly nextVersion: Version | undefined
  /** `src/` when the application keeps its sources there, else empty. */
  readonly sources: '' | 'src/'
  readonly language: 'ts' | 'js'
  readonly packageManager: PackageManager
  /** Whether package.json names this package. */
  readonly hasPackage: boolean
}

const versions = z.record(z.string(), z.string()).default({})
const manifestSchema = z.object({
  name: z.string().optional(),
  packageManager: z.string().optional(),
  dependencies: versions,
  devDependencies: versions,
})
type Manifest = z.infer<typeof manifestSchema>

const lockFiles: Readonly<Record<string, PackageManager>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
}

/**
 * The Next.js application in that folder.
 *
 * @throws ConfigurationError when there is none
 */
export async function readProject(folder: string): Promise<Project> {
  const manifest = await readManifest(join(folder, 'package.json'))
  if (!manifest)
    throw new ConfigurationError(`There is no package.json in ${folder}: run this in your application.`)
  const dependencies = { ...manifest.devDependencies, ...manifest.dependencies }
  const nextVersion = await findNextVersion(folder, dependencies.next)
  if (nextVersion === undefined && dependencies.next === undefined)
    throw new ConfigurationError(
      `The application in ${folder} does not use Next.js: its package.json has no "next".`,
    )
  return {
    folder,
    name: manifest.name,
    nextVersion,
    sources: await findSources(folder),
    language: (await exists(join(folder, 'tsconfig.json'))) ? 'ts' : 'js',
    packageManager: await findPackageManager(folder, manifest),
    hasPackage: dependencies['next-atproto-auth'] !== undefined,
  }
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  const text = await readText(path)
  if (text === undefined) return undefined
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ConfigurationError(`${path} is not a package.json that can be read.`, { cause })
  }
}

/** The installed version counts; in a monorepo it may be further up. */
async function findNextVersion(folder: string, range: string | undefined): Promise<Version | undefined> {
  for (const parent of parentsOf(folder)) {
    const text = await readText(join(parent, 'node_modules/next/package.json'))
    if (text !== undefined)
      return parseVersion(z.object({ version: z.string() }).parse(JSON.parse(text)).version)
  }
  return range === undefined ? undefined : parseVersion(range)
}

/** As Next.js decides: `app` or `pages` beside package.json hide those in `src`. */
async function findSources(folder: string): Promise<'' | 'src/'> {
  const has = (path: string) => exists(join(folder, path))
  if ((await has('app')) || (await has('pages'))) return ''
  return (await has('src/app')) || (await has('src/pages')) ? 'src/' : ''
}

async function findPackageManager(folder: string, manifest: Manifest): Promise<PackageManager> {
  const [named] = manifest.packageManager?.split('@') ?? []
  if (named === 'npm' || named === 'pnpm' || named === 'yarn' || named === 'bun') return named
  for (const parent of parentsOf(folder)) {
    for (const [file, manager] of Object.entries(lockFiles)) {
      if (await exists(join(parent, file))) return manager
    }
  }
  return 'npm'
}

function parentsOf(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...parentsOf(parent)]
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    // Absent, or not ours to see: for the caller that is the same.
    return false
  }
}
