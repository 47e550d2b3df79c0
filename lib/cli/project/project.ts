/** Reads from its files what kind of application is in a folder, without running it. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ConfigurationError } from '../../errors.ts'
import { readText } from './env-files.ts'
import { parseVersion, type Version } from './supported-versions.ts'

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

export interface Project {
  readonly folder: string
  readonly name: string | undefined
  /** The installed version, or the one in package.json; undefined for a tag such as `latest`. */
  readonly nextVersion: Version | undefined
  /** `src/` if the sources of the application are there, otherwise empty. */
  readonly sources: '' | 'src/'
  readonly language: 'ts' | 'js'
  readonly packageManager: PackageManager
  /** Whether package.json lists this package. */
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
const installedSchema = z.object({ version: z.string() })

const lockFiles: Readonly<Record<string, PackageManager>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
}

/**
 * Reads the Next.js application in a folder.
 *
 * @throws ConfigurationError when the folder contains none
 */
export async function readProject(folder: string): Promise<Project> {
  const manifest = await readManifest(join(folder, 'package.json'), manifestSchema)
  if (!manifest)
    throw new ConfigurationError(
      `There is no package.json in ${folder}. Run this command in the folder of your application.`,
    )
  const dependencies = { ...manifest.devDependencies, ...manifest.dependencies }
  const nextVersion = await findNextVersion(folder, dependencies.next)
  if (nextVersion === undefined && dependencies.next === undefined)
    throw new ConfigurationError(
      `The application in ${folder} does not use Next.js: "next" is not in its package.json.`,
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

/** @throws ConfigurationError when the file is none */
async function readManifest<Fields>(path: string, schema: z.ZodType<Fields>): Promise<Fields | undefined> {
  const text = await readText(path)
  if (text === undefined) return undefined
  try {
    // npm allows a byte order mark.
    return schema.parse(JSON.parse(text.replace(/^\ufeff/, '')))
  } catch (cause) {
    throw new ConfigurationError(`${path} is not a valid package.json.`, { cause })
  }
}

/** The installed version takes precedence. In a monorepo it may be in a parent folder. */
async function findNextVersion(folder: string, range: string | undefined): Promise<Version | undefined> {
  for (const parent of parentsOf(folder)) {
    const installed = await readManifest(join(parent, 'node_modules/next/package.json'), installedSchema)
    if (installed) return parseVersion(installed.version)
  }
  return range === undefined ? undefined : parseVersion(range)
}

/** Like Next.js: `app` or `pages` next to package.json take precedence over those in `src`. */
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
    // Missing or not readable, which makes no difference here.
    return false
  }
}
