/** The package where there is no Next.js: a folder for a script or a bot. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { npm, runIn } from '../support/package/npm.ts'

let folder: string
const load = (entry: string) =>
  runIn(folder, process.execPath, [
    '--eval',
    `import('${entry}').then((names) => console.log(Object.keys(names).join()))`,
  ])

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atproto-empty-'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }))
  await npm(['install', inject('tarball')], folder)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

it('brings only what it depends on along: no Next.js, no React', async () => {
  const installed = await readdir(join(folder, 'node_modules'))
  expect(installed).toEqual(expect.arrayContaining([...Object.keys(manifest.dependencies), manifest.name]))
  expect(installed.filter((name) => Object.hasOwn(manifest.peerDependencies, name))).toEqual([])
  expect(installed.filter((name) => !name.startsWith('.')).length).toBeLessThan(12)
  const [size] = (await runIn(folder, 'du', ['-sk', 'node_modules'])).split('\t')
  console.log(`Installed in an empty folder: ${size} KiB.`)
  expect(Number(size)).toBeLessThan(20 * 1024)
})

it('has a command line and an OAuth client that work', async () => {
  expect(await runIn(folder, 'node_modules/.bin/next-atproto-auth', ['keys'])).toContain('ATPROTO_SECRET=')
  expect(await load('next-atproto-auth/oauth')).toContain('OAuthClient')
  expect(await load('next-atproto-auth/stores/sqlite')).toContain('createSqliteStore')
  expect(await load('next-atproto-auth/testing')).toContain('createTestNetwork')
  expect(await load('next-atproto-auth/eslint')).toContain('default')
})

it.each([
  ['next-atproto-auth', 'next'],
  ['next-atproto-auth/middleware', 'next'],
  ['next-atproto-auth/react', 'react'],
])('%s says that it needs %s', async (entry, name) => {
  await expect(load(entry)).rejects.toThrow(`Cannot find package '${name}' imported from`)
})
