/** `npm pack` and `npm publish`, in copies of the repository. */

import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { copyRepository, root } from '../support/package/copy-repository.ts'
import { npm, runIn } from '../support/package/npm.ts'
import { unpack } from '../support/package/unpack.ts'

let clone: string
const inClone = (path: string) => readFile(join(clone, path), 'utf8')
const rewrite = (command: string) => runIn(clone, process.execPath, ['tools/package/main.ts', command])

beforeAll(async () => {
  clone = await copyRepository()
})

afterAll(() => rm(clone, { recursive: true, force: true }))

/** Packs into a folder of its own; the tarball. */
async function pack(name: string): Promise<string> {
  const folder = join(clone, '.results', name)
  await mkdir(folder, { recursive: true })
  await npm(['pack', '--pack-destination', folder], clone)
  return join(folder, `${manifest.name}-${manifest.version}.tgz`)
}

it('makes the same bytes of the same files, in whichever folder', async () => {
  const again = await pack('again')
  expect((await readFile(again)).equals(await readFile(inject('tarball')))).toBe(true)
})

describe('the pages at the root', () => {
  it('are in the end as they were', async () => {
    for (const path of ['README.md', 'CHANGELOG.md', 'SECURITY.md'])
      expect(await inClone(path), path).toBe(await readFile(join(root, path), 'utf8'))
  })

  it('are put back after a run that was interrupted, but for what somebody has written since', async () => {
    const readme = await inClone('README.md')
    await rewrite('prepare')
    expect(await inClone('README.md')).not.toBe(readme)
    await writeFile(join(clone, 'SECURITY.md'), 'A new text.\n')
    await rewrite('prepare')
    await rewrite('restore')
    expect(await inClone('README.md')).toBe(readme)
    expect(await inClone('SECURITY.md')).toBe('A new text.\n')
    await writeFile(join(clone, 'SECURITY.md'), await readFile(join(root, 'SECURITY.md')))
  })
})

describe('when the repository has an address', () => {
  let files: ReadonlyMap<string, string>
  const address = 'https://github.com/example/sign-in'

  beforeAll(async () => {
    const withAddress = { ...manifest, repository: 'github:example/sign-in' }
    await writeFile(join(clone, 'package.json'), JSON.stringify(withAddress, null, 2))
    files = await unpack(await pack('with-address'))
    await writeFile(join(clone, 'package.json'), JSON.stringify(manifest, null, 2))
  })

  it('README has no relative link, and its pictures', () => {
    const readme = files.get('README.md') ?? ''
    const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    expect(targets.filter((target) => !/^(https:\/\/|#)/.test(target))).toEqual([])
    const tag = `v${manifest.version}`
    expect(targets).toContain(`${address}/blob/${tag}/docs/recipes.md`)
    expect(targets).toContain(`${address}/tree/${tag}/examples/minimal`)
    expect(targets).toContain(
      `https://raw.githubusercontent.com/example/sign-in/${tag}/docs/pictures/sign-in-light-1280.png`,
    )
  })

  it('the documentation leads to sources there, and to its own pages here', () => {
    const recipes = files.get('dist/docs/recipes.md') ?? ''
    expect(recipes).toContain(`(${address}/blob/v${manifest.version}/app/actions.ts)`)
    expect(recipes).toContain('(../../README.md#three-files)')
    expect(recipes).toContain('(api.md#errorcode)')
  })
})

it('npm is sent the README of the package, and no folder is published', async () => {
  const sent: string[] = []
  const registry = createServer(async (request, response) => {
    const body = await text(request)
    if (request.method === 'PUT') sent.push(JSON.parse(body).versions[manifest.version].readme)
    response.writeHead(request.method === 'PUT' ? 200 : 404).end('{}')
  })
  await once(registry.listen(0, '127.0.0.1'), 'listening')
  const { port } = Object(registry.address())
  const options = ['--registry', `http://127.0.0.1:${port}/`, '--noproxy=127.0.0.1']
  await writeFile(join(clone, '.npmrc'), `//127.0.0.1:${port}/:_authToken=none\n`)
  try {
    await expect(npm(['publish', ...options], clone)).rejects.toThrow(/Publish the packed file/)
    expect(sent).toEqual([])
    await npm(['publish', inject('tarball'), ...options], clone)
  } finally {
    registry.close()
  }
  expect(sent).toEqual([(await unpack(inject('tarball'))).get('README.md')])
})
