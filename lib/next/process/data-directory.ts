/** The directory that holds the SQLite file and a generated secret. */
import 'server-only'
import { join } from 'node:path'
import { makeDataDirectory } from '../../store/data-directory.ts'

/**
 * Path of ATPROTO_DATA_DIR, or of `.atproto-auth` in the working directory; created if it is missing.
 *
 * @throws StoreUnavailableError when it cannot be created
 */
export async function dataDirectory(): Promise<string> {
  const path =
    process.env.ATPROTO_DATA_DIR || join(/* turbopackIgnore: true */ process.cwd(), '.atproto-auth')
  await makeDataDirectory(path)
  return path
}
