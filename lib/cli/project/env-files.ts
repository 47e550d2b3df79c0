/** Reads environment variables as a Next.js application does, and edits .env files. */
import { chmod, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Terminal } from '../terminal/command.ts'

/** The `NODE_ENV` of the application: `development` for `next dev`, `production` for `next start`. */
export type Mode = 'development' | 'production'

/** The environment of the application, and the name of the file that each variable comes from, if any. */
export interface AppEnvironment {
  readonly values: Readonly<Record<string, string | undefined>>
  readonly files: ReadonlyMap<string, string>
}

/**
 * Reads the environment of the application in a folder: first the process environment, then the files in the order of
 * Next.js (nextjs.org/docs/app/guides/environment-variables). References such as `$OTHER` are not expanded.
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

/** Reads a text file; resolves to undefined when it does not exist. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a file with secrets: atomically, readable by its owner only. A symbolic link is followed. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const target = (await readText(path)) === undefined ? path : await realpath(path)
  // A name that git ignores in every Next.js application, in case the draft is left behind.
  const draft = join(dirname(target), `.env.${process.pid}.local`)
  // Outside the block that removes it: one that exists already is not ours.
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
  try {
    await chmod(draft, 0o600)
    await rename(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Sets a variable in the text of an .env file: replaces its line, or its quoted lines, or adds a line. */
export function setVariable(text: string, name: string, line: string): string {
  const existing = new RegExp(
    `^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(?:'[^']*'|"[^"]*"|\`[^\`]*\`|[^\\n]*).*$`,
    'm',
  )
  // A function, because the line may contain `$&`.
  return existing.test(text) ? text.replace(existing, () => line) : appendLines(text, [line])
}

/** Appends lines to a text. */
export function appendLines(text: string, lines: readonly string[]): string {
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return lines.length === 0 ? text : `${start}${lines.join('\n')}\n`
}
