import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import {
  firstSafePrerelease,
  safeVersions,
  warningAboutNext,
} from '../../../../lib/next/config/next-version.ts'
import manifest from '../../../../package.json' with { type: 'json' }

const range = manifest.peerDependencies.next
const [, newestMinor = 0] = manifest.devDependencies.next.split('.').map(Number)

it.each(['14.2.35', '15.4.99', '15.5.8', '16.0.9', '15.0.0-canary.1'])(
  'X10: warns at run time of Next.js %s, which has published holes',
  (version) => {
    expect(warningAboutNext(version)).toContain(`Next.js ${version} has known vulnerabilities`)
  },
)

it.each([
  '15.5.9',
  '15.5.29',
  '15.6.0',
  '16.0.10',
  '16.1.0',
  '16.4.6',
  '16.5.0-canary.3',
  '16.6.0-canary.0',
  '17.0.0',
])('says nothing of %s', (version) => {
  expect(warningAboutNext(version)).toBeUndefined()
})

it('says nothing of the one that is here', () => {
  expect(warningAboutNext()).toBeUndefined()
})

it.each(['15.6.0-canary.57', '16.0.10-canary.1', '16.1.0-canary.3', '16.4.0-canary.48'])(
  'warns of the prerelease %s, which a release with security fixes came after',
  (version) => {
    expect(warningAboutNext(version)).toContain(`Next.js ${version} is a prerelease`)
  },
)

describe('peerDependencies', () => {
  const known = [...safeVersions, `${firstSafePrerelease}-canary.0`, manifest.devDependencies.next]

  it.each([...known, '15.5.29', `16.${newestMinor + 1}.0`, `16.${newestMinor + 1}.0-canary.14`])(
    'let npm install Next.js %s',
    (version) => {
      expect(satisfies(version, range)).toBe(true)
      expect(warningAboutNext(version)).toBeUndefined()
    },
  )

  it.each([
    '14.2.35',
    '15.5.8',
    '16.0.9',
    '15.5.9-canary.1',
    '16.0.10-canary.1',
    '16.4.0-canary.48',
    '17.0.0',
  ])('X10: let npm refuse Next.js %s', (version) => {
    expect(satisfies(version, range)).toBe(false)
  })

  // It may be months of changes away from what was tested.
  it('let npm refuse the canaries of another major version', () => {
    expect(satisfies('17.0.0-canary.1', range)).toBe(false)
  })
})
