/** What comes from elsewhere: packages at run time, and the actions of the workflows. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { bundle } from '../../../tools/package/build/bundle.ts'
import { readEntries } from '../../../tools/package/build/entries.ts'

const workflows = join(import.meta.dirname, '../../../.github/workflows')

/** Each package that an application gets with this one needs a reason, and is reviewed when it is added. */
const reasons: Readonly<Record<keyof typeof manifest.dependencies, string>> = {
  'iron-session': 'seals cookies, in a format that others have reviewed; runs on the edge',
  jose: 'signs and checks JWTs and DPoP proofs, encrypts rows (JOSE); has no dependencies',
  'server-only': 'keeps server code out of browser bundles: Next.js knows this name',
}

/**
 * Packages whose code the build puts into the package, and why. A security fix of theirs needs a release of this one.
 */
const included: Readonly<Record<string, string>> = {
  zod: 'checks every document that comes from outside; has no dependencies',
}

it('has no dependency without a reason', () => {
  expect(Object.keys(manifest.dependencies).toSorted()).toEqual(Object.keys(reasons).toSorted())
  expect(manifest).not.toHaveProperty('optionalDependencies')
  expect(manifest).not.toHaveProperty('bundledDependencies')
})

it('contains the code of no other package without a reason, each in one version', async () => {
  const root = join(import.meta.dirname, '../../..')
  const bundled = await bundle(
    root,
    readEntries(root).filter(({ name }) => !name.startsWith('react/')),
  )
  const licenses = [...bundled.values()].flatMap((text) => /^\/\*!\n(\S+ \S+)\n/.exec(text)?.[1] ?? [])
  const versions: Readonly<Record<string, string>> = manifest.devDependencies
  expect(licenses).toEqual(Object.keys(included).map((name) => `${name} ${versions[name]}`))
})

it('runs no script when an application installs it', () => {
  const atInstallation = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']
  expect(Object.keys(manifest.scripts).filter((name) => atInstallation.includes(name))).toEqual([])
})

it.each(readdirSync(workflows))(
  '%s pins every action by commit, and gives no job more than it says',
  (name) => {
    const text = readFileSync(join(workflows, name), 'utf8')
    const used = [...text.matchAll(/uses: *(\S+)/g)].map(([, action]) => action)
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
    expect(text).toMatch(/^permissions: \{\}$/m)
  },
)
