/** The secret of an application on a loopback address, made once and kept beside its store. */
import 'server-only'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { dataDirectory } from './data-directory.ts'

/** The secret, generated at the first call on this machine (mode 0600). */
export async function localSecret(): Promise<string> {
  const folder = await dataDirectory()
  const path = join(folder, 'secret')
  const draft = join(folder, `secret.${randomToken()}`)
  await writeFile(draft, randomToken(), { mode: 0o600 })
  try {
    // Whole or not at all, and by one of several processes that start together.
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(path, 'utf8')).trim()
}
