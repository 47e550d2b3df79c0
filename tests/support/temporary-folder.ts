/** Temporary folders that are gone when their process is, also when Ctrl-C cuts it off. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder {
  readonly path: string
  remove(): void
}

const present = new Set<string>()
process.once('exit', () => {
  for (const path of present) removeFolder(path)
})

/** @param name what its name begins with, before a part that no other folder has */
export function makeTemporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `${name}-`))
  present.add(path)
  return {
    path,
    remove() {
      removeFolder(path)
      present.delete(path)
    },
  }
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
