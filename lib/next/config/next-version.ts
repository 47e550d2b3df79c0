/**
 * Next.js below these versions has published holes that no library closes (CVE-2025-55182 among them). npm refuses
 * them by the package's `peerDependencies`; this is for those who have overruled it.
 */
import 'server-only'
import next from 'next/package.json' with { type: 'json' }

/** The lowest safe version of each line, as in `peerDependencies.next`. */
export const safeVersions = ['15.5.9', '16.0.10'] as const

/**
 * What is to be said about the version of Next.js that runs; undefined when it is safe, or of a line that is newer than
 * all that are known here.
 */
export function complainAboutNext(version: string = next.version): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  const floors = safeVersions.map((text) => text.split('.').map(Number))
  const isSafe = floors.some(([line = 0, minMinor = 0, minPatch = 0]) => {
    if (major !== line) return false
    return minor > minMinor || (minor === minMinor && patch >= minPatch)
  })
  if (isSafe || floors.every(([line = 0]) => major > line)) return undefined
  return `Next.js ${version} has published holes. Take ${safeVersions.join(' or ')}, or later.`
}
