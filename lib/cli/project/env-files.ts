/** Reads environment variables as a Next.js application does, and writes files with secrets. */
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import type { Terminal } from '../terminal/command.ts'
import { parseEnvText } from './env-text.ts'
import { secretPlace } from './places.ts'

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
    for (const [name, value] of Object.entries(parseEnvText((await readText(join(folder, file))) ?? ''))) {
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

/**
 * Reads a text file that is going to be changed; resolves to undefined when it does not exist.
 *
 * @throws ConfigurationError when it is not UTF-8: to write it back would damage it
 */
export async function readTextToEdit(path: string): Promise<string | undefined> {
  const text = await readText(path)
  if (text === undefined || Buffer.from(text).equals(await readFile(path))) return text
  throw new ConfigurationError(`${basename(path)} is not UTF-8 text. Save it in that encoding first.`)
}

/**
 * Writes a file with secrets: atomically, readable by its owner only. A symbolic link is followed.
 *
 * @throws ConfigurationError as `secretPlace`
 */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const target = await secretPlace(path)
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
