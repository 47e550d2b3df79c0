/**
 * Whether git tracks a file, from the list of tracked files that git keeps (gitformat-index). The program git is not run:
 * the settings of a repository can make it run others.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

const MAX_NAME_LENGTH = 0xfff
/** Bytes before the name of an entry that hold its length, in versions 2 and 3 of the format. */
const LENGTH_OFFSETS = [2, 4]

/**
 * Whether git tracks the file. False also outside of a repository, and where the list is compressed (version 4).
 *
 * @param path without symbolic links
 */
export async function isTracked(path: string): Promise<boolean> {
  const repository = await findRepository(dirname(path))
  if (!repository) return false
  const index = await readIfAny(join(repository.gitFolder, 'index'))
  return index !== undefined && lists(index, relative(repository.folder, path).replaceAll('\\', '/'))
}

interface Repository {
  readonly folder: string
  readonly gitFolder: string
}

async function findRepository(folder: string): Promise<Repository | undefined> {
  const git = join(folder, '.git')
  // In a worktree or a submodule, it is a file that names the folder.
  const named = /^gitdir: (.+)$/m.exec(String((await readIfAny(git)) ?? ''))?.[1]
  const gitFolder = named === undefined ? git : resolve(folder, named)
  if ((await readIfAny(join(gitFolder, 'HEAD'))) !== undefined) return { folder, gitFolder }
  const parent = dirname(folder)
  return parent === folder ? undefined : findRepository(parent)
}

/** Undefined when there is none, or it is a folder. */
async function readIfAny(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined)
}

function lists(index: Buffer, name: string): boolean {
  const bytes = Buffer.from(`${name}\0`)
  const length = Math.min(bytes.byteLength - 1, MAX_NAME_LENGTH)
  for (let at = index.indexOf(bytes); at !== -1; at = index.indexOf(bytes, at + 1)) {
    // The upper four bits are flags.
    const isEntry = LENGTH_OFFSETS.some(
      (offset) => at > offset && (index.readUInt16BE(at - offset) & MAX_NAME_LENGTH) === length,
    )
    if (isEntry) return true
  }
  return false
}
