/** README's install of the tarball on another machine: `npm ci`, with a cache that has never seen the tarball. */
import { copyFile, cp, mkdir, mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { npm } from '../support/package/npm.ts'

/** Next.js and React are large, and not what is tried here. */
const withoutPeers = '--legacy-peer-deps'

it('C8: `npm ci` finds the package in the application itself', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'atproto-clean-install-'))
  const ours = join(place.path, 'ours')
  const theirs = join(place.path, 'theirs')
  const cache = join(place.path, 'cache')
  const tarball = join('vendor', basename(inject('tarball')))
  await mkdir(join(ours, 'vendor'), { recursive: true })
  await writeFile(join(ours, 'package.json'), JSON.stringify({ name: 'app', private: true }))
  await copyFile(inject('tarball'), join(ours, tarball))
  await npm(['install', withoutPeers, `./${tarball}`], ours)

  // What a repository or a Dockerfile has of it.
  for (const name of ['package.json', 'package-lock.json', 'vendor'])
    await cp(join(ours, name), join(theirs, name), { recursive: true })
  await npm(['ci', withoutPeers, '--cache', cache], theirs)
  expect(await npm(['ls', 'next-atproto-auth', withoutPeers], theirs)).toContain('next-atproto-auth@')

  await rm(join(theirs, 'vendor'), { recursive: true })
  await rm(cache, { recursive: true })
  await expect(npm(['ci', withoutPeers, '--cache', cache], theirs)).rejects.toThrow('ENOENT')
})
