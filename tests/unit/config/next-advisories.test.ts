import { describe, expect, it } from 'vitest'
import {
  advisoriesOf,
  describeAdvisories,
  nextAdvisories,
  safeNextVersions,
} from '../../../lib/config/next-advisories.ts'

const idsOf = (version: string) => advisoriesOf(version).map(({ id }) => id)

describe('the advisories of a release of Next.js', () => {
  it.each([
    ['15.5.8', 'CVE-2025-67779', true],
    ['15.5.9', 'CVE-2025-67779', false],
    ['16.0.11', 'CVE-2026-23864', false],
    ['16.1.4', 'CVE-2026-23864', true],
    ['16.1.5', 'CVE-2026-23864', false],
    ['16.2.0', 'CVE-2026-23864', false],
    ['15.5.9', 'CVE-2026-27978', false],
    ['16.1.6', 'CVE-2026-27978', true],
    ['15.5.17', 'CVE-2026-45109', true],
    ['15.5.18', 'CVE-2026-45109', false],
    ['16.2.5', 'CVE-2026-45109', true],
    ['16.2.6', 'CVE-2026-45109', false],
    ['16.2.12', 'GHSA-2xp9-vwfh-vxw4', true],
    ['16.3.2', 'GHSA-2xp9-vwfh-vxw4', true],
    ['16.3.3', 'GHSA-2xp9-vwfh-vxw4', false],
    ['16.2.10', 'CVE-2026-64642', true],
    ['16.3.5', 'CVE-2026-94545', true],
    ['15.5.25', 'CVE-2026-94545', false],
    ['16.3.8', 'CVE-2026-126187', true],
    ['16.4.0', 'CVE-2026-126187', true],
    ['16.4.1', 'CVE-2026-126187', false],
    ['15.5.27', 'CVE-2026-96889', true],
    ['15.5.28', 'CVE-2026-96889', false],
    ['16.4.0', 'GHSA-2xp9-vwfh-vxw4', false],
    ['15.4.11', 'CVE-2026-44578', true],
  ])('X10: of %s contain %s: %s', (version, id, isIn) => {
    expect(idsOf(version).includes(id)).toBe(isIn)
  })

  it('are none in the safe versions, and some in the release before each', () => {
    expect(safeNextVersions).toEqual(['15.5.28', '16.4.1'])
    for (const safe of safeNextVersions) {
      expect(idsOf(safe)).toEqual([])
      const [major, minor, patch] = safe.split('.').map(Number)
      expect(idsOf(`${major}.${minor}.${Number(patch) - 1}`)).not.toEqual([])
    }
  })

  it('are none of a major version that has none', () => {
    expect(idsOf('17.0.0')).toEqual([])
  })

  it('have ids that can be looked up, and releases with a fix', () => {
    for (const { id, fixedIn } of nextAdvisories) {
      expect(id).toMatch(/^(CVE-\d{4}-\d+|GHSA(-[a-z0-9]{4}){3})$/)
      expect(fixedIn.join()).toMatch(/^\d+\.\d+\.\d+(,\d+\.\d+\.\d+)*$/)
    }
  })

  it('are described with each harm once', () => {
    expect(describeAdvisories(advisoriesOf('15.5.27'))).toBe(
      'make the server hang, or run code on the server (CVE-2026-94482, CVE-2026-96889, CVE-2026-126187)',
    )
  })
})
