import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import { safeNextVersions } from '../../../../lib/config/next-advisories.ts'
import { firstSafePrerelease, warningAboutNext } from '../../../../lib/next/config/next-version.ts'
import manifest from '../../../../package.json' with { type: 'json' }

const range = manifest.peerDependencies.next
const [, newestMinor = 0] = manifest.devDependencies.next.split('.').map(Number)

it.each(['15.4.99', '15.5.9', '15.5.27', '16.0.10', '16.2.12', '16.3.8', '16.4.0', '15.0.0-canary.1'])(
  'X10: warns at run time of Next.js %s, which has published holes',
  (version) => {
    expect(warningAboutNext(version)).toContain(`Next.js ${version} has known vulnerabilities`)
  },
)

it.each([
  '15.5.28',
  '15.5.29',
  '15.6.0',
  '16.4.1',
  '16.4.6',
  '16.5.0-canary.14',
  '16.5.0-rc.1',
  '16.6.0-canary.0',
  '17.0.0',
])('says nothing of %s', (version) => {
  expect(warningAboutNext(version)).toBeUndefined()
})

it('X10: names what an attacker may do, the advisories, and the remedy', () => {
  expect(warningAboutNext('15.5.27')).toBe(
    'Next.js 15.5.27 has known vulnerabilities: an attacker may make the server hang, or run code on the server ' +
      '(CVE-2026-94482, CVE-2026-96889, CVE-2026-126187). Upgrade to 15.5.28 or 16.4.1, or later.',
  )
})

it('X10: warns of a major version that gets no security fixes', () => {
  expect(warningAboutNext('14.2.35')).toBe(
    'Next.js 14.2.35 is not supported: it gets no security fixes. Upgrade to 15.5.28 or 16.4.1, or later.',
  )
})

it('says nothing of the one that is here', () => {
  expect(warningAboutNext()).toBeUndefined()
})

it.each(['15.6.0-canary.57', '16.4.1-canary.1', '16.5.0-canary.13'])(
  'warns of the prerelease %s, which a release with security fixes came after',
  (version) => {
    expect(warningAboutNext(version)).toContain(`Next.js ${version} is a prerelease`)
  },
)

describe('peerDependencies', () => {
  const known = [...safeNextVersions, firstSafePrerelease, manifest.devDependencies.next]

  it.each([...known, '15.5.29', `16.${newestMinor + 1}.0`, `16.${newestMinor + 1}.0-canary.14`])(
    'let npm install Next.js %s',
    (version) => {
      expect(satisfies(version, range)).toBe(true)
      expect(warningAboutNext(version)).toBeUndefined()
    },
  )

  it.each([
    '14.2.35',
    '15.5.27',
    '16.2.12',
    '16.4.0',
    '15.5.28-canary.1',
    '16.4.1-canary.1',
    '16.5.0-canary.13',
    '17.0.0',
  ])('X10: let npm refuse Next.js %s', (version) => {
    expect(satisfies(version, range)).toBe(false)
  })

  // It may be months of changes away from what was tested.
  it('let npm refuse the canaries of another major version', () => {
    expect(satisfies('17.0.0-canary.1', range)).toBe(false)
  })
})
