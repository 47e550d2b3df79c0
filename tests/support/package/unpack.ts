/** What is in a packed package. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runIn } from './npm.ts'

/** The text of each file of the tarball by its path, in the order of the tarball. */
export async function unpack(tarball: string): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-unpacked-'))
  try {
    await runIn(folder, 'tar', ['-xzf', tarball])
    const list = await runIn(folder, 'tar', ['-tzf', tarball])
    const paths = list.split('\n').filter((path) => path !== '' && !path.endsWith('/'))
    const read = async (path: string) =>
      [path.replace(/^package\//, ''), await readFile(join(folder, path), 'utf8')] as const
    return new Map(await Promise.all(paths.map(read)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
