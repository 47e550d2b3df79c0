/** The directory that holds the SQLite file and a generated secret. */
import 'server-only'
import { isAbsolute, join, normalize } from 'node:path'
import { makeDataDirectory } from '../../store/data-directory.ts'

/** Absolute path of ATPROTO_DATA_DIR, or of `.atproto-auth` in the working directory. */
export function dataDirectoryPath(): string {
  const chosen = process.env.ATPROTO_DATA_DIR
  if (!chosen) return join(/* turbopackIgnore: true */ process.cwd(), '.atproto-auth')
  // Not by `join` or `resolve`: a bundler would take that for a folder of the application, and copy all of it.
  return isAbsolute(chosen) ? chosen : normalize(`${process.cwd()}/${chosen}`)
}

/**
 * `dataDirectoryPath`, created if it is missing.
 *
 * @throws StoreUnavailableError when it cannot be created
 */
export async function dataDirectory(): Promise<string> {
  const path = dataDirectoryPath()
  await makeDataDirectory(path)
  return path
}
