/**
 * Warns of versions of Next.js with known vulnerabilities that no library can prevent. npm refuses them by
 * `peerDependencies`; this check is for installations that override it.
 */
import 'server-only'
import next from 'next/package.json' with { type: 'json' }
import {
  advisoriesOf,
  describeAdvisories,
  isLowerPrerelease,
  safeNextVersions,
} from '../../config/next-advisories.ts'

/** The first prerelease with the fixes of the safe versions. One from before them has a higher number than a safe release. */
export const firstSafePrerelease = '16.5.0-canary.14'

/**
 * A warning about the running Next.js; undefined when its version is safe, or of a release line newer than those with
 * advisories.
 */
export function warningAboutNext(version: string = next.version): string | undefined {
  if (safeNextVersions.every((safe) => majorOf(version) > majorOf(safe))) return undefined
  const advice = `Upgrade to ${safeNextVersions.join(' or ')}, or later.`
  if (!safeNextVersions.some((safe) => majorOf(version) === majorOf(safe)))
    return `Next.js ${version} is not supported: it gets no security fixes. ${advice}`
  const advisories = advisoriesOf(version)
  if (advisories.length > 0)
    return `Next.js ${version} has known vulnerabilities: an attacker may ${describeAdvisories(advisories)}. ${advice}`
  // A canary gets no fixes later: one from before a fix has a higher number than the release with it.
  if (version.includes('-') && !isFrom(version, firstSafePrerelease))
    return `Next.js ${version} is a prerelease and may lack security fixes. ${advice}`
  return undefined
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

/** Whether the prerelease is that one or a later one of the same major version. */
function isFrom(version: string, first: string): boolean {
  const [release = '', prerelease = ''] = version.split(/-(.*)/)
  const [floor = '', lowest = ''] = first.split(/-(.*)/)
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number)
  const [line = 0, minMinor = 0, minPatch = 0] = floor.split('.').map(Number)
  if (release === floor) return !isLowerPrerelease(prerelease, lowest)
  return major === line && (minor > minMinor || (minor === minMinor && patch > minPatch))
}
