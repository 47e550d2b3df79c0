/**
 * What to say of the place of the SQLite file, in production, when the application passes no store: a file that is deleted
 * with a build signs all users out.
 */
import { join } from 'node:path'
import { ConfigurationError } from '../errors.ts'
import { chooseStore, type Environment } from './choose-store.ts'
import { STORE_FILE } from './data-directory.ts'

/** What an application sets to choose a place or another store. */
export const STORE_VARIABLES =
  'ATPROTO_DATA_DIR to a folder on a persistent disk, REDIS_URL, ATPROTO_DATABASE_URL, or the option store'

export interface SqlitePlace {
  readonly env: Environment
  /** The absolute path of the folder. */
  readonly folder: string
  /** Whether the public URL is an address of this machine: a build that the developer tries. */
  readonly isLoopback: boolean
}

/**
 * Checks the choice of the store (see `chooseStore`).
 *
 * @throws ConfigurationError also when a public application would have its sessions in the output of its build, where no one
 *   has chosen to put them
 */
export function checkStoreChoice({ env, folder, isLoopback }: SqlitePlace): void {
  const isDefault = chooseStore(env).kind === 'sqlite' && !env.ATPROTO_DATA_DIR
  if (!isDefault || isLoopback || env.NODE_ENV !== 'production' || !isInBuildOutput(folder)) return
  throw new ConfigurationError(
    `Sessions would be stored in ${join(folder, STORE_FILE)}, which the next build deletes. Set ${STORE_VARIABLES}.${hintAboutOwnDatabase(env)}`,
  )
}

/** A line for the log, in production, about a file in a place that was not chosen or does not last. */
export function warningAboutPlace({ env, folder, isLoopback }: SqlitePlace): string | undefined {
  if (env.NODE_ENV !== 'production' || chooseStore(env).kind !== 'sqlite') return undefined
  const stored = `Sessions are stored in ${join(folder, STORE_FILE)}`
  if (isInBuildOutput(folder))
    return `${stored}, which the next build deletes: all users are then signed out. Set ATPROTO_DATA_DIR to the absolute path of a folder outside .next.`
  if (env.ATPROTO_DATA_DIR || isLoopback) return undefined
  return `${stored}, because no store is set. Set ${STORE_VARIABLES}.${hintAboutOwnDatabase(env)}`
}

/** A sentence about a database of the application that its developer may expect to hold the sessions; or nothing. */
export function hintAboutOwnDatabase(env: Environment): string {
  const name = ['DATABASE_URL', 'POSTGRES_URL'].find((variable) => env[variable])
  if (name === undefined) return ''
  return ` ${name} is set, but the library does not use it by itself: set ATPROTO_DATABASE_URL, or pass createPostgresStore().`
}

/**
 * Whether the folder is in `.next`. The working directory of a standalone server is there, unless it was copied elsewhere.
 * `next build` empties the folder.
 */
function isInBuildOutput(folder: string): boolean {
  return folder.split(/[\\/]/).includes('.next')
}
