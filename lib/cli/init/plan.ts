/** What `init` is going to do to each file, decided before anything is written. */
import { join } from 'node:path'
import { generateKeys } from '../keys.ts'
import { appendLines, readAppEnvironment, readText, setVariable } from '../project/env-files.ts'
import { allowLoopbackOrigin, LINE, newConfig } from '../project/next-config.ts'
import type { PackageManager, Project } from '../project/project.ts'
import { compareToFloors, readRequirements } from '../project/versions.ts'
import { type FileChoices, filesFor, guardFunctions, guardName } from './files.ts'

export interface Change {
  /** Within the application's folder. */
  readonly path: string
  /** `conflict`: it is there with another text; somebody has to say whether it is lost. */
  readonly action: 'create' | 'edit' | 'replace' | 'conflict' | 'keep' | 'same'
  /** What the file is to hold; undefined where nothing is to be done. */
  readonly text?: string
  /** Whether only its owner may read it. */
  readonly isSecret?: boolean
  readonly note?: string
}

export interface Plan {
  readonly changes: readonly Change[]
  /** What is left for the person, a sentence each. */
  readonly hints: readonly string[]
}

const installs: Readonly<Record<PackageManager, string>> = {
  npm: 'npm install',
  pnpm: 'pnpm add',
  yarn: 'yarn add',
  bun: 'bun add',
}
const IGNORED = ['.env*.local', '.atproto-auth/']
const configNames = ['next.config.ts', 'next.config.mjs', 'next.config.js', 'next.config.mts']

/** The changes for this application, and what is left to do by hand. */
export async function planChanges(project: Project, choices: FileChoices): Promise<Plan> {
  const files = await Promise.all(filesFor(project, choices).map((file) => planFile(project, file)))
  const guard = await otherGuard(project, choices)
  const config = await planConfig(project)
  const changes = files.filter(({ path }) => path !== guard?.skipped)
  const hints = [...(await hintsFor(project)), ...(guard ? [guard.hint] : []), ...config.hints]
  return {
    // The secrets come after the line that keeps them from git.
    changes: [...changes, await planIgnored(project), await planEnvironment(project), ...config.changes],
    hints: [...hints, ...lastHints(project)],
  }
}

async function planFile(
  { folder }: Project,
  { path, text }: { path: string; text: string },
): Promise<Change> {
  const existing = await readText(join(folder, path))
  if (existing === undefined) return { path, action: 'create', text }
  return existing === text ? { path, action: 'same' } : { path, action: 'conflict', text }
}

/** Both names of the guard's file at once are a build error of Next.js, so the one that is there counts. */
async function otherGuard(project: Project, { protect }: FileChoices) {
  if (!protect) return undefined
  const wanted = guardName(project)
  const other = wanted === 'proxy' ? 'middleware' : 'proxy'
  for (const language of ['ts', 'js']) {
    const path = `${project.sources}${other}.${language}`
    if ((await readText(join(project.folder, path))) === undefined) continue
    const hint = `${path} is there: add ${guardFunctions[other]}() of next-atproto-auth/middleware to it by hand.`
    return { skipped: `${project.sources}${wanted}.${project.language}`, hint }
  }
  return undefined
}

/**
 * A secret or key that is there is never replaced: every session would end. One that another file has would be, by
 * `.env.local`, which Next.js puts before most of them.
 */
async function planEnvironment({ folder }: Project): Promise<Change> {
  const path = '.env.local'
  const existing = await readText(join(folder, path))
  const lines = (await generateKeys()).trim().split('\n')
  const places = await Promise.all(lines.map((line) => fileWith(nameIn(line), folder)))
  const missing = lines.filter((_, index) => places[index] === undefined)
  if (missing.length === 0) {
    const isHere = places.every((place) => place === path)
    const note = `not needed, a secret and keys are in ${[...new Set(places)].join(' and ')}`
    return { path, action: 'same', note: isHere ? 'has a secret and keys already' : note }
  }
  return {
    path,
    action: existing === undefined ? 'create' : 'edit',
    text: missing.reduce((text, line) => setVariable(text, nameIn(line), line), existing ?? ''),
    isSecret: true,
    note: `a new ${missing.map(nameIn).join(' and ')}`,
  }
}

function nameIn(line: string): string {
  return line.slice(0, line.indexOf('='))
}

/** The file that gives the application that variable, in development or in production. */
async function fileWith(name: string, folder: string): Promise<string | undefined> {
  for (const mode of ['development', 'production'] as const) {
    const { values, files } = await readAppEnvironment({ folder, env: {} }, mode)
    if (values[name]) return files.get(name)
  }
  return undefined
}

async function planIgnored({ folder }: Project): Promise<Change> {
  const path = '.gitignore'
  const existing = await readText(join(folder, path))
  const present = (existing ?? '').split('\n').map((line) => line.trim())
  const covering: Readonly<Record<string, readonly string[]>> = {
    '.env*.local': ['.env*.local', '.env*', '.env.local', '.env.*', '.env.*.local'],
    '.atproto-auth/': ['.atproto-auth/', '.atproto-auth', '/.atproto-auth', '/.atproto-auth/'],
  }
  const missing = IGNORED.filter((line) => !covering[line]?.some((spelling) => present.includes(spelling)))
  if (missing.length === 0) return { path, action: 'same' }
  const action = existing === undefined ? 'create' : 'edit'
  return {
    path,
    action,
    text: appendLines(existing ?? '', missing),
    note: `ignores ${missing.join(' and ')}`,
  }
}

async function planConfig({ folder, language }: Project): Promise<Plan> {
  for (const path of configNames) {
    const text = await readText(join(folder, path))
    if (text === undefined) continue
    const edited = allowLoopbackOrigin(text)
    if (edited === undefined) {
      const hint = `Add to ${path}, for \`next dev\`:  ${LINE}`
      return { changes: [], hints: [hint] }
    }
    if (edited === text) return { changes: [{ path, action: 'same' }], hints: [] }
    return {
      changes: [{ path, action: 'edit', text: edited, note: 'allowedDevOrigins for 127.0.0.1' }],
      hints: [],
    }
  }
  const path = language === 'ts' ? 'next.config.ts' : 'next.config.mjs'
  return { changes: [{ path, action: 'create', text: newConfig[language] }], hints: [] }
}

async function hintsFor({ nextVersion, hasPackage, packageManager }: Project): Promise<readonly string[]> {
  const { next } = await readRequirements()
  const isOld = nextVersion !== undefined && compareToFloors(nextVersion, next) === 'older'
  return [
    ...(isOld
      ? [
          `Next.js ${nextVersion.join('.')} is too old: take ${next.map((floor) => `${floor.join('.')} or later`).join(', or ')}.`,
        ]
      : []),
    ...(hasPackage ? [] : [`Install the package:  ${installs[packageManager]} next-atproto-auth`]),
  ]
}

function lastHints({ packageManager }: Project): readonly string[] {
  const run = packageManager === 'npm' ? 'npm run' : packageManager
  return [
    `${run} dev, then open http://127.0.0.1:3000/oauth/login (127.0.0.1, not localhost).`,
    'Call auth.requireSession() in each page, route and action that needs somebody.',
    'Before you publish: set PUBLIC_URL, and see what "next-atproto-auth doctor --mode production" says.',
  ]
}
