/** Where a change would be written, and whether it may be: links in a folder that others made may lead anywhere. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import { isTracked } from './git-index.ts'

/** Such as `.env`, `.env.local`, `production.env` or `env`. */
const envName = /(^|\.)env(\.|$)/

/**
 * Checks that a file of the application is written within its folder.
 *
 * @throws ConfigurationError when a symbolic link leads out of it
 */
export async function checkPlace(folder: string, path: string): Promise<void> {
  const place = await existingPlace(join(folder, path))
  if (isWithin(await realpath(folder), place)) return
  throw new ConfigurationError(
    `${path} leads out of this folder, to ${place}. Nothing is written there: replace the symbolic link.`,
  )
}

/**
 * Returns the path of the file that holds the secrets of `path`: itself, or where a symbolic link leads.
 *
 * @throws ConfigurationError when a link leads to another kind of file, which may be public or not for this, or when git
 *   tracks the file, so that the next commit would publish the secrets
 */
export async function secretPlace(path: string): Promise<string> {
  const place = (await realpathIfAny(path)) ?? path
  // A line break in its name would be one in .gitignore, too.
  if (!envName.test(basename(place)) || /\p{Cc}/u.test(place))
    throw new ConfigurationError(
      `${basename(path)} leads to ${place}, whose name is not that of an .env file. No secret is written there.`,
    )
  if (!(await isTracked(place))) return place
  throw new ConfigurationError(
    `git tracks ${basename(place)}, so the next commit would publish the secret in it. Run "git rm --cached ${basename(place)}" in its folder first.`,
  )
}

/** Returns where a link within the folder leads, as a path within it; undefined for no link, or one out of it. */
export async function linkedPath(folder: string, path: string): Promise<string | undefined> {
  const [root, place] = [await realpath(folder), await realpathIfAny(join(folder, path))]
  if (place === undefined || place === join(root, path) || !isWithin(root, place)) return undefined
  return relative(root, place).replaceAll('\\', '/')
}

/** The real path of the deepest part that exists. */
async function existingPlace(path: string): Promise<string> {
  return (await realpathIfAny(path)) ?? existingPlace(dirname(path))
}

async function realpathIfAny(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way)
}
