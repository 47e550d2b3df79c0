/** The directory of the embedded store and the generated secret: private, and never committed. */
import 'server-only'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreUnavailableError } from '../errors.ts'

/**
 * Path of ATPROTO_DATA_DIR, or of `.atproto-auth` in the working directory; made with mode 0700 and ignored by git
 * when it is missing.
 *
 * @throws StoreUnavailableError when it cannot be made
 */
export async function dataDirectory(): Promise<string> {
  const path =
    process.env.ATPROTO_DATA_DIR || join(/* turbopackIgnore: true */ process.cwd(), '.atproto-auth')
  try {
    // Only what is made here is made private: a directory that was there belongs to somebody.
    const isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined
    if (isNew) await writeFile(join(path, '.gitignore'), '*\n')
    return path
  } catch (cause) {
    const advice = 'Set ATPROTO_DATA_DIR to a writable folder, or pass a store.'
    throw new StoreUnavailableError(`The data directory ${path} cannot be made. ${advice}`, { cause })
  }
}
