/** `next-atproto-auth init`: the three files, the environment and what development needs, in the application's folder. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import { parseDeclaredScope } from '../../oauth/scope/lint.ts'
import { writeSecretFile } from '../project/env-files.ts'
import { type Project, readProject } from '../project/project.ts'
import { type Command, readCall, type Terminal, UsageError } from '../terminal/command.ts'
import { type Change, type Plan, planChanges } from './plan.ts'

const SCOPE = 'atproto repo:app.bsky.feed.post'
const GUARDED = '/account/:path*'

/** The command. */
export const init: Command = {
  summary: 'add sign-in to the Next.js application in this folder',
  help: `Usage: next-atproto-auth init [options]

Writes auth.ts, the two route files, .env.local with a new secret and client key, lines for .gitignore, and
allowedDevOrigins for development. Says first what it is going to do. A file that is there is kept, unless you agree.

  --name <text>      name of the application on consent screens; default from package.json
  --scope <scopes>   what the application may ever ask for; default "${SCOPE}"
  --guard            also write a guard: proxy.ts, or middleware.ts before Next.js 16
  --protect <path>   a path to guard, such as /compose or /account/:path*; may be repeated; default ${GUARDED}

  --dry-run          only say what would be done
  --yes              do not ask; files that are there are kept
  --force            do not ask; replace files that are there (never a secret or key)
  --json             print what is done as JSON`,
  async run(args, terminal) {
    const { values } = readCall(args, {
      name: { type: 'string' },
      scope: { type: 'string', default: SCOPE },
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
    })
    const isAsking = !values.yes && !values.force && !values['dry-run']
    return await carryOut(
      { project, plan, terminal, json: values.json, isDry: values['dry-run'] },
      isAsking,
      values.force,
    )
  },
}

function readProtected({
  guard,
  protect,
}: {
  guard: boolean
  protect?: string[]
}): readonly string[] | undefined {
  const odd = protect?.find((path) => !/^(\/[^/\s:*'"\\?#]+)+(\/:path\*)?$/.test(path))
  if (odd !== undefined)
    throw new UsageError(`--protect takes a path such as /compose or ${GUARDED}, not "${odd}".`)
  return guard || protect ? (protect ?? [GUARDED]) : undefined
}

/** `my-app` and `@org/my-app` become `My App`. */
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
  readonly isDry: boolean
}

async function carryOut(work: Work, isAsking: boolean, isForced: boolean): Promise<number> {
  const { plan, terminal, isDry } = work
  if (isAsking && (!terminal.isInteractive || work.json))
    throw new UsageError('Nobody is there to be asked: add --yes (or --dry-run to see what would be done).')
  const changes = isAsking
    ? await askAbout(plan.changes, terminal)
    : plan.changes.map((change) => settle(change, isForced))
  if (!changes) {
    terminal.print('Nothing was changed.')
    return 1
  }
  if (!isDry) for (const change of changes) await apply(change, work.project.folder)
  report(work, changes)
  return 0
}

/** Shows the plan and asks once for all of it, and once more for each file that would be lost; undefined for no. */
async function askAbout(
  changes: readonly Change[],
  terminal: Terminal,
): Promise<readonly Change[] | undefined> {
  for (const change of changes) terminal.print(lineOf(change))
  if (!(await isYes(terminal, 'Do this? [y/N] '))) return undefined
  const settled: Change[] = []
  for (const change of changes) {
    const isLost = change.action === 'conflict'
    settled.push(settle(change, isLost && (await isYes(terminal, `Replace your ${change.path}? [y/N] `))))
  }
  return settled
}

async function isYes(terminal: Terminal, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await terminal.ask(question)).trim())
}

function settle(change: Change, isReplaced: boolean): Change {
  if (change.action !== 'conflict') return change
  return { ...change, action: isReplaced ? 'replace' : 'keep' }
}

async function apply({ path, action, text, isSecret }: Change, folder: string): Promise<void> {
  if (action === 'same' || action === 'keep' || text === undefined) return
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true })
  if (isSecret) return await writeSecretFile(target, text)
  try {
    // What has appeared since the plan was made is nobody's to lose.
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
  conflict: 'is there and differs',
  keep: 'is there and differs: kept as it is',
  same: 'is there already',
} as const

function lineOf({ path, action, note }: Change): string {
  return `  ${marks[action]} ${path}: ${note ?? words[action]}`
}

function report({ plan, terminal, json, isDry }: Work, changes: readonly Change[]): void {
  if (json) {
    // Without the texts: one of them holds the secret.
    const list = changes.map(({ path, action, note }) => ({
      path,
      action,
      ...(note !== undefined && { note }),
    }))
    terminal.print(JSON.stringify({ dryRun: isDry, changes: list, next: plan.hints }, null, 2))
    return
  }
  terminal.print(isDry ? 'This would be done:' : 'Done:')
  for (const change of changes) terminal.print(lineOf(change))
  terminal.print(`\nNext:\n${plan.hints.map((hint) => `  - ${hint}`).join('\n')}`)
}
