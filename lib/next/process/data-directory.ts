/** Where the directory of the embedded store is. */
import 'server-only'
import { join } from 'node:path'
import { makeDataDirectory } from '../../store/data-directory.ts'

/**
 * Path of ATPROTO_DATA_DIR, or of `.atproto-auth` in the working directory; made when it is missing.
 *
 * @throws StoreUnavailableError when it cannot be made
 */
export async function dataDirectory(): Promise<string> {
  const path =
    process.env.ATPROTO_DATA_DIR || join(/* turbopackIgnore: true */ process.cwd(), '.atproto-auth')
  await makeDataDirectory(path)
  return path
}
