/**
 * The folder of the embedded store and of the generated secret. It is readable by its owner only and ignored by git.
 */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { ConfigurationError, StoreUnavailableError } from '../errors.ts'

/**
 * The path of a file in the folder. Not by `join` alone: Turbopack takes that for any folder of the application that has a
 * file of that name, and would copy a secret into a standalone build.
 */
function inFolder(folder: string, name: string): string {
  return join(/* turbopackIgnore: true */ folder, name)
}

/** Name of the store's file in the folder. The application and the command line share it. */
export const STORE_FILE = 'sessions.sqlite'

/**
 * Creates the folder if it is missing, with mode 0700 and a `.gitignore` that covers everything in it.
 *
 * @throws StoreUnavailableError when it cannot be created
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    // An existing directory keeps its mode: someone else may rely on it.
    const isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined
    if (isNew) await writeFile(inFolder(path, '.gitignore'), '*\n')
  } catch (cause) {
    const advice = 'Set ATPROTO_DATA_DIR to a writable folder, or pass a store.'
    throw new StoreUnavailableError(`The data directory ${path} cannot be created. ${advice}`, { cause })
  }
}

/** The `.gitignore` of a folder that may hold other files too. */
const IGNORED = `secret\nsecret.*\n${STORE_FILE}*\ndevelopment-scopes.json\n`

/**
 * Returns the secret in the folder. The first call generates it (mode 0600), and adds a `.gitignore` if the folder has
 * none, because git may see a folder that existed before.
 *
 * @throws ConfigurationError when the file does not hold a complete secret
 */
export async function secretIn(folder: string): Promise<string> {
  const path = inFolder(folder, 'secret')
  const draft = inFolder(folder, `secret.${randomToken()}`)
  await writeFile(draft, randomToken(), { mode: 0o600 })
  try {
    // Links a complete file, so that only one of several processes that start together creates the secret.
    await link(draft, path)
    await writeIfMissing(inFolder(folder, '.gitignore'), IGNORED)
  } catch (error) {
    if (!isExisting(error)) throw error
  } finally {
    await rm(draft, { force: true })
  }
  const secret = (await readFile(path, 'utf8')).trim()
  if (secret.length >= 43) return secret
  throw new ConfigurationError(
    `The secret in ${path} is incomplete. Delete the file: a new secret is generated, and all users have to sign in again.`,
  )
}

async function writeIfMissing(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if (!isExisting(error)) throw error
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
