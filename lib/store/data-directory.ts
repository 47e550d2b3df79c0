/** The folder of the embedded store, and the secret that is kept beside it: private, and never committed. */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { ConfigurationError, StoreUnavailableError } from '../errors.ts'

/** The store's file in its folder: the application and the command line share it. */
export const STORE_FILE = 'sessions.sqlite'

/**
 * Makes the folder with mode 0700 and ignored by git, when it is missing.
 *
 * @throws StoreUnavailableError when it cannot be made
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    // Only what is made here is made private: a directory that was there belongs to somebody.
    const isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined
    if (isNew) await writeFile(join(path, '.gitignore'), '*\n')
  } catch (cause) {
    const advice = 'Set ATPROTO_DATA_DIR to a writable folder, or pass a store.'
    throw new StoreUnavailableError(`The data directory ${path} cannot be made. ${advice}`, { cause })
  }
}

/** What is kept there, in the words of a .gitignore: for a folder that may hold other things too. */
const KEPT = `secret\nsecret.*\n${STORE_FILE}*\n`

/**
 * The secret in that folder, generated at the first call (mode 0600). Where the folder has no `.gitignore`, one is made
 * with it: a folder that was there already is one that git may see.
 *
 * @throws ConfigurationError when the file does not hold a whole one
 */
export async function secretIn(folder: string): Promise<string> {
  const path = join(folder, 'secret')
  const draft = join(folder, `secret.${randomToken()}`)
  await writeFile(draft, randomToken(), { mode: 0o600 })
  try {
    // Whole or not at all, and by one of several processes that start together.
    await link(draft, path)
    await writeUnlessThere(join(folder, '.gitignore'), KEPT)
  } catch (error) {
    if (!isThere(error)) throw error
  } finally {
    await rm(draft, { force: true })
  }
  const secret = (await readFile(path, 'utf8')).trim()
  if (secret.length >= 43) return secret
  throw new ConfigurationError(
    `The secret in ${path} is cut off. Delete the file: a new one is made, and everybody signs in again.`,
  )
}

async function writeUnlessThere(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if (!isThere(error)) throw error
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
