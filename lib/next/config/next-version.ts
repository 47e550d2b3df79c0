/**
 * Versions of Next.js with known vulnerabilities that no library can prevent, such as CVE-2025-55182. npm refuses them
 * by `peerDependencies`; this check is for installations that override it.
 */
import 'server-only'
import next from 'next/package.json' with { type: 'json' }

/** The lowest safe version of each release line, as in `peerDependencies.next`. */
export const safeVersions = ['15.5.9', '16.0.10'] as const

/**
 * A warning about the running Next.js; undefined when its version is safe, or of a release line newer than those
 * above.
 */
export function warningAboutNext(version: string = next.version): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  const lowest = safeVersions.map((text) => text.split('.').map(Number))
  const isSafe = lowest.some(([line = 0, minMinor = 0, minPatch = 0]) => {
    if (major !== line) return false
    return minor > minMinor || (minor === minMinor && patch >= minPatch)
  })
  if (isSafe || lowest.every(([line = 0]) => major > line)) return undefined
  return `Next.js ${version} has known vulnerabilities. Upgrade to ${safeVersions.join(' or ')}, or later.`
}
