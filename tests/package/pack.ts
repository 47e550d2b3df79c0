/** Packs the package once, as `npm publish` would, for all tests of this part. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { npm } from './npm.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the packed package. */
    readonly tarball: string
  }
}

const root = join(import.meta.dirname, '../..')

export default async function pack(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-pack-'))
  // Its `prepack` builds dist/ anew, so nothing of an older build is in it.
  await npm(['pack', '--pack-destination', folder], root)
  const [name = ''] = await readdir(folder)
  project.provide('tarball', join(folder, name))
  return () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
