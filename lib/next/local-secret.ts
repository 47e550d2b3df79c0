/** The secret of an application on a loopback address, made once and kept beside its store. */
import 'server-only'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { ConfigurationError } from '../errors.ts'
import { dataDirectory } from './data-directory.ts'

/**
 * The secret, generated at the first call on this machine (mode 0600).
 *
 * @throws ConfigurationError when the file does not hold a whole one
 */
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
  const secret = (await readFile(path, 'utf8')).trim()
  if (secret.length >= 43) return secret
  throw new ConfigurationError(
    `The secret in ${path} is cut off. Delete the file: a new one is made, and everybody signs in again.`,
  )
}
