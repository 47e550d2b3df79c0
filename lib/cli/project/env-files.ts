/** Environment variables as a Next.js application finds them, and lines of the files they come from. */
import { chmod, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Terminal } from '../terminal/command.ts'

/** As `NODE_ENV` of the application: `next dev` is `development`, `next start` is `production`. */
export type Mode = 'development' | 'production'

/** What the application would find in its environment, and the file that each variable of a file is in. */
export interface AppEnvironment {
  readonly values: Readonly<Record<string, string | undefined>>
  readonly files: ReadonlyMap<string, string>
}

/**
 * The environment of the application in this folder: the process's own, then the files in the order of Next.js
 * (nextjs.org/docs/app/guides/environment-variables). References such as `$OTHER` are not expanded.
 */
export async function readAppEnvironment(
  { folder, env }: Pick<Terminal, 'folder' | 'env'>,
  mode: Mode,
): Promise<AppEnvironment> {
  const values: Record<string, string | undefined> = { ...env, NODE_ENV: mode }
  const files = new Map<string, string>()
  for (const file of [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env']) {
    for (const [name, value] of Object.entries(parseEnv((await readText(join(folder, file))) ?? ''))) {
      if (values[name] !== undefined) continue
      values[name] = value
      files.set(name, file)
    }
  }
  return { values, files }
}

/** The text of a file; undefined when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a file that holds secrets: whole or not at all, readable by its owner alone, and where a link leads. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const target = (await readText(path)) === undefined ? path : await realpath(path)
  // By a name that git ignores in every Next.js application, in case nobody comes to take the draft away.
  const draft = join(dirname(target), `.env.${process.pid}.local`)
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await chmod(draft, 0o600)
    await rename(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}

/** The text with that variable set: its line replaced where it has one (several lines, in quotes), else added. */
export function setVariable(text: string, name: string, line: string): string {
  const existing = new RegExp(
    `^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(?:'[^']*'|"[^"]*"|\`[^\`]*\`|[^\\n]*).*$`,
    'm',
  )
  // A function: what is put in may hold `$&`.
  return existing.test(text) ? text.replace(existing, () => line) : appendLines(text, [line])
}

/** The text with lines at its end. */
export function appendLines(text: string, lines: readonly string[]): string {
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return lines.length === 0 ? text : `${start}${lines.join('\n')}\n`
}
