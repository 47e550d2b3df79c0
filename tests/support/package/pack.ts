/** Packs the package once, as `npm publish` would, and installs it once beside the newest Next.js, for this whole part. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { install } from './bare-app.ts'
import { copyRepository } from './copy-repository.ts'
import { newest } from './matrix.ts'
import { npm } from './npm.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the packed package. */
    readonly tarball: string
    /** Path of an installation beside the newest Next.js, which applications copy. */
    readonly installation: string
  }
}

export default async function pack(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-pack-'))
  const clone = await copyRepository()
  await npm(['pack', '--pack-destination', folder], clone)
  await rm(clone, { recursive: true, force: true })
  const [name = ''] = await readdir(folder)
  const tarball = join(folder, name)
  const installation = join(folder, 'installation')
  await install(installation, newest, tarball)
  project.provide('tarball', tarball)
  project.provide('installation', installation)
  return () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
