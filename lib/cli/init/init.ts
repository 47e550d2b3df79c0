/** `next-atproto-auth init`: writes the files, the environment and the development settings of an application. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import { parseDeclaredScope } from '../../oauth/scope/lint.ts'
import { writeSecretFile } from '../project/env-files.ts'
import { type Project, readProject } from '../project/project.ts'
import { type Command, parseArguments, type Terminal, UsageError } from '../terminal/command.ts'
import { type Change, type Plan, planChanges } from './plan-changes.ts'

const SCOPE = 'atproto repo:app.bsky.feed.post'
const COMPOSE_PATH = '/compose'
const PROTECTED_PATH = '/account/:path*'

/** The command `init`. */
export const init: Command = {
  summary: 'add sign-in to the Next.js application in this folder',
  help: `Usage: next-atproto-auth init [options]

Writes auth.ts (atproto.ts, if auth.ts is of another sign-in), the two route files, .env.local with a new secret and
client key, lines for .gitignore, and allowedDevOrigins for development. It shows the changes first. Existing files are
kept, unless you agree.

  --name <text>      name of the application on consent screens; default from package.json
  --scope <scopes>   the largest scope the application may ask for; default "${SCOPE}"
  --pages            also write a page for posts, a sign-in page and the proxy, which protects the first
  --guard            also write proxy.ts, or middleware.ts before Next.js 16
  --protect <path>   a path to protect, such as /compose or /account/:path*; may be repeated; default ${PROTECTED_PATH},
                     with --pages also ${COMPOSE_PATH}

  --dry-run          only show the changes
  --yes              do not ask; keep existing files
  --force            do not ask; replace existing files (never a secret or key)
  --json             print the changes as JSON`,
  async run(args, terminal) {
    const { values } = parseArguments(args, {
      name: { type: 'string' },
      scope: { type: 'string', default: SCOPE },
      pages: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      protect: { type: 'string', multiple: true },
      'dry-run': { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    })
    parseDeclaredScope(values.scope)
    const project = await readProject(terminal.folder)
    const plan = await planChanges(project, {
      clientName: values.name ?? titleOf(project.name),
      scope: values.scope,
      protect: readProtected(values),
      pages: values.pages,
    })
    return await carryOut({
      project,
      plan,
      terminal,
      json: values.json,
      isDryRun: values['dry-run'],
      existingFiles: values.force ? 'replace' : values.yes || values['dry-run'] ? 'keep' : 'ask',
    })
  },
}

interface GuardChoices {
  readonly pages: boolean
  readonly guard: boolean
  readonly protect?: string[]
}

function readProtected({ pages, guard, protect }: GuardChoices): readonly string[] | undefined {
  const invalid = protect?.find((path) => !/^(\/[^/\s:*'"\\?#]+)+(\/:path\*)?$/.test(path))
  if (invalid !== undefined)
    throw new UsageError(`--protect must be a path such as /compose or ${PROTECTED_PATH}, not "${invalid}".`)
  const standard = pages ? [COMPOSE_PATH, PROTECTED_PATH] : [PROTECTED_PATH]
  return pages || guard || protect ? (protect ?? standard) : undefined
}

/** Converts `my-app` and `@org/my-app` to `My App`. */
function titleOf(name: string | undefined): string {
  const words = (name ?? '')
    .replace(/^@[^/]*\//, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || 'My App'
}

interface Work {
  readonly project: Project
  readonly plan: Plan
  readonly terminal: Terminal
  readonly json: boolean
  readonly isDryRun: boolean
  /** What happens to existing files with a different text. */
  readonly existingFiles: 'ask' | 'keep' | 'replace'
}

async function carryOut(work: Work): Promise<number> {
  const { plan, terminal, isDryRun, existingFiles } = work
  if (existingFiles === 'ask' && (!terminal.isInteractive || work.json))
    throw new UsageError('Questions cannot be asked here. Add --yes, or --dry-run to see the changes.')
  const changes =
    existingFiles === 'ask'
      ? await askAbout(plan.changes, terminal)
      : plan.changes.map((change) => resolveConflict(change, existingFiles))
  if (!changes) {
    terminal.print('Nothing was changed.')
    return 1
  }
  if (!isDryRun) for (const change of changes) await apply(change, work.project.folder)
  report(work, changes)
  return 0
}

/** Shows the plan, asks once for all changes and once more for each file to replace. Resolves to undefined for a no. */
async function askAbout(
  changes: readonly Change[],
  terminal: Terminal,
): Promise<readonly Change[] | undefined> {
  for (const change of changes) terminal.print(lineOf(change))
  if (!(await isYes(terminal, 'Do this? [y/N] '))) return undefined
  const settled: Change[] = []
  for (const change of changes) {
    const isReplaced =
      change.action === 'conflict' && (await isYes(terminal, `Replace your ${change.path}? [y/N] `))
    settled.push(resolveConflict(change, isReplaced ? 'replace' : 'keep'))
  }
  return settled
}

async function isYes(terminal: Terminal, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await terminal.ask(question)).trim())
}

function resolveConflict(change: Change, action: 'keep' | 'replace'): Change {
  return change.action === 'conflict' ? { ...change, action } : change
}

async function apply({ path, action, text, isSecret }: Change, folder: string): Promise<void> {
  if (action === 'same' || action === 'keep' || text === undefined) return
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true })
  if (isSecret) return await writeSecretFile(target, text)
  try {
    // `wx`: a file that was created after the plan was made must not be overwritten.
    await writeFile(target, text, { flag: action === 'create' ? 'wx' : 'w' })
  } catch (cause) {
    throw new ConfigurationError(`${path} could not be written.`, { cause })
  }
}

const marks = { create: '+', edit: '~', replace: '!', conflict: '?', keep: '=', same: '=' } as const
const words = {
  create: 'new',
  edit: 'changed',
  replace: 'replaced',
  conflict: 'exists with different content',
  keep: 'exists with different content: kept',
  same: 'unchanged',
} as const

function lineOf({ path, action, note }: Change): string {
  return `  ${marks[action]} ${path}: ${note ?? words[action]}`
}

function report({ plan, terminal, json, isDryRun }: Work, changes: readonly Change[]): void {
  const kept = changes.flatMap(({ action, hintIfKept }) => (action === 'keep' && hintIfKept) || [])
  const hints = [...kept, ...plan.hints]
  if (json) {
    // Without the texts of the files, one of which contains the secret.
    const list = changes.map(({ path, action, note }) => ({
      path,
      action,
      ...(note !== undefined && { note }),
    }))
    terminal.print(JSON.stringify({ dryRun: isDryRun, changes: list, next: hints }, null, 2))
    return
  }
  terminal.print(isDryRun ? 'Planned changes:' : 'Done:')
  for (const change of changes) terminal.print(lineOf(change))
  terminal.print(`\nNext:\n${hints.map((hint) => `  - ${hint}`).join('\n')}`)
}
