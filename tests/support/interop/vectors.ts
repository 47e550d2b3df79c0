/**
 * The public syntax vectors of the AT Protocol, https://github.com/bluesky-social/atproto-interop-tests (CC0),
 * folder `syntax`. They are not copied into this repository: `INTEROP_VECTORS` names that folder in a clone, and
 * `npm run test:interop`, which is no part of `npm test`, reads them there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The lines of a file, without comments and empty ones; white space counts. */
export function readVectors(file: string): readonly string[] {
  const folder = process.env.INTEROP_VECTORS
  if (!folder)
    throw new Error('INTEROP_VECTORS is missing: set it to the folder "syntax" of atproto-interop-tests.')
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}
