import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { safeVersions, warningAboutNext } from '../../../../lib/next/config/next-version.ts'

it.each(['14.2.35', '15.4.99', '15.5.8', '16.0.9', '15.0.0-canary.1'])(
  'X10: warns at run time of Next.js %s, which has published holes',
  (version) => {
    expect(warningAboutNext(version)).toContain(`Next.js ${version} has known vulnerabilities`)
  },
)

it.each(['15.5.9', '15.5.29', '15.6.0', '16.0.10', '16.1.0', '16.4.6', '17.0.0'])(
  'says nothing of %s',
  (version) => {
    expect(warningAboutNext(version)).toBeUndefined()
  },
)

it('says nothing of the one that is here', () => {
  expect(warningAboutNext()).toBeUndefined()
})

it('knows the versions that the package asks for', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8')
  const range = JSON.parse(manifest).peerDependencies.next
  expect(range).toBe(safeVersions.map((version) => `^${version}`).join(' || '))
})
