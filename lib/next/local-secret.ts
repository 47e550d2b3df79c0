/** The secret of an application on a loopback address, made once and kept beside its store. */
import 'server-only'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { dataDirectory } from './data-directory.ts'

/** The secret, generated at the first call on this machine (mode 0600). */
export async function localSecret(): Promise<string> {
  const path = join(await dataDirectory(), 'secret')
  const created = randomToken()
  try {
    // Only one of several processes that start together makes the file.
    await writeFile(path, created, { mode: 0o600, flag: 'wx' })
    return created
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return (await readFile(path, 'utf8')).trim()
}
