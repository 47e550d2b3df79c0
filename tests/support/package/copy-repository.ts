/** A copy of the repository as a clone has it, so that nothing is packed, or changed, where people work. */
import { cp, mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** The repository's folder. */
export const root = join(import.meta.dirname, '../../..')

/** What git ignores. */
const ignored =
  /^(node_modules|\.git|\.next|dist|\.data|\.atproto-\w+|\.results|test-results|playwright-report|coverage|\.env.*|\.vitest|.*\.tgz)$/

/** Copies it to a new folder, with the packages of this one; the folder. */
export async function copyRepository(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-clone-'))
  const filter = (path: string) => path === root || !ignored.test(basename(path))
  await cp(root, folder, { recursive: true, filter })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
