/**
 * Versions of Next.js with known vulnerabilities that no library can prevent, such as CVE-2025-55182. npm refuses them
 * by `peerDependencies`; this check is for installations that override it.
 */
import 'server-only'
import next from 'next/package.json' with { type: 'json' }

/** The lowest safe version of each release line, as in `peerDependencies.next`. */
export const safeVersions = ['15.5.9', '16.0.10'] as const

/** Prereleases of this version and later ones are newer than all versions that this package was tested with. */
export const firstSafePrerelease = '16.5.0'

/**
 * A warning about the running Next.js; undefined when its version is safe, or of a release line newer than those
 * above.
 */
export function warningAboutNext(version: string = next.version): string | undefined {
  if (safeVersions.every((safe) => majorOf(version) > majorOf(safe))) return undefined
  const advice = `Upgrade to ${safeVersions.join(' or ')}, or later.`
  if (!safeVersions.some((safe) => isFrom(version, safe)))
    return `Next.js ${version} has known vulnerabilities. ${advice}`
  // A canary gets no fixes later: one from before a fix has a higher number than the release with it.
  if (version.includes('-') && !isFrom(version, firstSafePrerelease))
    return `Next.js ${version} is a prerelease and may lack security fixes. ${advice}`
  return undefined
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

/** Whether it is that version or a later one of the same release line. */
function isFrom(version: string, first: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  const [line = 0, minMinor = 0, minPatch = 0] = first.split('.').map(Number)
  return major === line && (minor > minMinor || (minor === minMinor && patch >= minPatch))
}
