/** Plans what `init` does to each file, before anything is written. */
import { join } from 'node:path'
import { generateKeys } from '../keys.ts'
import { readAppEnvironment, readText, readTextToEdit } from '../project/env-files.ts'
import { appendLines, setVariable } from '../project/env-text.ts'
import { missingLines } from '../project/git-ignore.ts'
import { allowLoopbackOrigin, CONFIG_LINE, newConfig } from '../project/next-config.ts'
import { checkPlace, linkedPath, secretPlace } from '../project/places.ts'
import type { PackageManager, Project } from '../project/project.ts'
import {
  compareToFloors,
  formatVersion,
  readSupportedVersions,
  releasesOf,
} from '../project/supported-versions.ts'
import {
  type AppFile,
  appFilesFor,
  type FileChoices,
  missingOption,
  proxyExports,
  proxyFileName,
} from './app-files.ts'
import { type ConfigurationName, nameConfiguration } from './configuration-file.ts'

export interface Change {
  /** Path within the application's folder. */
  readonly path: string
  /** `conflict`: the file exists with a different text, and the user decides whether it is replaced. */
  readonly action: 'create' | 'edit' | 'replace' | 'conflict' | 'keep' | 'same'
  /** The new text of the file; undefined when nothing changes. */
  readonly text?: string
  /** Whether only the owner may read the file. */
  readonly isSecret?: boolean
  readonly note?: string
  /** What the user has to do if the file is kept: one sentence. */
  readonly hintIfKept?: string
}

export interface Plan {
  readonly changes: readonly Change[]
  /** What the user has to do, one sentence each. */
  readonly hints: readonly string[]
}

const installs: Readonly<Record<PackageManager, string>> = {
  npm: 'npm install',
  pnpm: 'pnpm add',
  yarn: 'yarn add',
  bun: 'bun add',
}
const ENV_FILE = '.env.local'

const configNames = ['next.config.ts', 'next.config.mjs', 'next.config.js', 'next.config.mts']

/**
 * Returns the changes for this application, and the remaining manual steps.
 *
 * @throws ConfigurationError when a file cannot be changed without damage to it or others
 */
export async function planChanges(project: Project, choices: FileChoices): Promise<Plan> {
  const plan = await planAll(project, choices)
  for (const { path, text, isSecret } of plan.changes)
    if (text !== undefined && !isSecret) await checkPlace(project.folder, path)
  return plan
}

async function planAll(project: Project, choices: FileChoices): Promise<Plan> {
  const configuration = await nameConfiguration(project)
  const planned = appFilesFor(project, choices, configuration.name)
  const files = await Promise.all(planned.map((file) => planFile(project, file)))
  const otherProxy = await findOtherProxy(project, choices)
  const config = await planConfig(project)
  const changes = files.filter(({ path }) => path !== otherProxy?.skipped)
  const hints = [
    ...configuration.hints,
    ...(await hintsFor(project)),
    ...(otherProxy ? [otherProxy.hint] : []),
    ...config.hints,
  ]
  return {
    // .gitignore comes first, so that git never sees the secrets.
    changes: [...changes, await planIgnored(project), await planEnvironment(project), ...config.changes],
    hints: [...hints, ...lastHints(project, choices, configuration.name)],
  }
}

async function planFile({ folder }: Project, file: AppFile): Promise<Change> {
  const { path, text } = file
  const existing = await readText(join(folder, path))
  if (existing === undefined) return { path, action: 'create', text }
  if (existing === text) return { path, action: 'same' }
  const hintIfKept = missingOption(file, existing)
  return { path, action: 'conflict', text, ...(hintIfKept !== undefined && { hintIfKept }) }
}

/** Both names of the proxy file at once are a build error of Next.js, so an existing file is kept. */
async function findOtherProxy(project: Project, { protect }: FileChoices) {
  if (!protect) return undefined
  const wanted = proxyFileName(project)
  const other = wanted === 'proxy' ? 'middleware' : 'proxy'
  for (const language of ['ts', 'js']) {
    const path = `${project.sources}${other}.${language}`
    if ((await readText(join(project.folder, path))) === undefined) continue
    const hint = `${path} exists: add ${proxyExports[other]}() of next-atproto-auth/middleware to it yourself.`
    return { skipped: `${project.sources}${wanted}.${project.language}`, hint }
  }
  return undefined
}

/**
 * An existing secret or key is never replaced, because every session would end. This includes other .env files: Next.js
 * gives `.env.local` precedence over most of them.
 */
async function planEnvironment({ folder }: Project): Promise<Change> {
  const path = ENV_FILE
  const existing = await readTextToEdit(join(folder, path))
  const lines = (await generateKeys()).trim().split('\n')
  const places = await Promise.all(lines.map((line) => fileWith(nameIn(line), folder)))
  const missing = lines.filter((_, index) => places[index] === undefined)
  if (missing.length === 0) {
    const isHere = places.every((place) => place === path)
    const note = `not needed, a secret and keys are in ${[...new Set(places)].join(' and ')}`
    return { path, action: 'same', note: isHere ? 'already contains a secret and keys' : note }
  }
  await secretPlace(join(folder, path))
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

/** The file from which the application reads the variable, in development or in production. */
async function fileWith(name: string, folder: string): Promise<string | undefined> {
  for (const mode of ['development', 'production'] as const) {
    const { values, files } = await readAppEnvironment({ folder, env: {} }, mode)
    if (values[name]) return files.get(name)
  }
  return undefined
}

async function planIgnored({ folder }: Project): Promise<Change> {
  const path = '.gitignore'
  const existing = await readTextToEdit(join(folder, path))
  const missing = missingLines(existing ?? '', await linkedPath(folder, ENV_FILE))
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
    const text = await readTextToEdit(join(folder, path))
    if (text === undefined) continue
    const edited = allowLoopbackOrigin(text)
    if (edited === undefined) {
      const hint = `Add to ${path}, for \`next dev\`:  ${CONFIG_LINE}`
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
  const { next } = await readSupportedVersions()
  const isOld = nextVersion !== undefined && compareToFloors(nextVersion, next) === 'older'
  return [
    ...(isOld
      ? [
          `Next.js ${formatVersion(nextVersion)} is too old: install ${releasesOf(next)
            .map((floor) => `${formatVersion(floor)} or later`)
            .join(', or ')}.`,
        ]
      : []),
    ...(hasPackage ? [] : [`Install the package:  ${installs[packageManager]} next-atproto-auth`]),
  ]
}

function lastHints(
  { packageManager }: Project,
  { pages }: FileChoices,
  name: ConfigurationName,
): readonly string[] {
  const run = packageManager === 'npm' ? 'npm run' : packageManager
  return [
    `Run ${run} dev, then open http://127.0.0.1:3000/${pages ? 'compose' : 'oauth/login'} (127.0.0.1, not localhost).`,
    `Call ${name}.requireSession() in each page, route and action that needs a signed-in user.`,
    'Before you publish: set PUBLIC_URL, and run "npx next-atproto-auth doctor --mode production".',
  ]
}
