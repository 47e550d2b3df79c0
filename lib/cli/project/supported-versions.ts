/** The versions of Node.js and Next.js that this package supports, from its package.json, and their comparison. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { z } from 'zod'
import { isLowerPrerelease } from '../../config/next-advisories.ts'

/** Major, minor, patch, and what makes it a prerelease, such as `canary.3`. */
export type Version = readonly [major: number, minor: number, patch: number, prerelease?: string | undefined]

/** The supported versions. */
export interface SupportedVersions {
  /** The lowest supported version of each major version: `engines.node` of the package. */
  readonly node: readonly Version[]
  /**
   * The same for Next.js: `peerDependencies.next`. Lower versions have known vulnerabilities. Those with a prerelease
   * are the lowest prereleases.
   */
  readonly next: readonly Version[]
}

const manifestSchema = z.object({
  engines: z.object({ node: z.string() }),
  peerDependencies: z.object({ next: z.string() }),
})

/** Reads the supported versions from the package.json of this package. */
export async function readSupportedVersions(): Promise<SupportedVersions> {
  // By name, because this file and the chunk that it is in are not equally far from it.
  const path = createRequire(import.meta.url).resolve('next-atproto-auth/package.json')
  const text = await readFile(path, 'utf8')
  const { engines, peerDependencies } = manifestSchema.parse(JSON.parse(text))
  return { node: floorsIn(engines.node), next: floorsIn(peerDependencies.next) }
}

function floorsIn(range: string): readonly Version[] {
  return range
    .split('||')
    .map(parseVersion)
    .filter((version) => version !== undefined)
}

/** Parses the first version in a text such as `16.4.6`, `^16` or `v24.1.0`; undefined when there is none (`latest`). */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch, prerelease] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([\w.-]+))?/.exec(text) ?? []
  if (major === undefined) return undefined
  return [Number(major), Number(minor ?? 0), Number(patch ?? 0), prerelease]
}

/** The version as npm writes it. */
export function formatVersion([major, minor, patch, prerelease]: Version): string {
  return `${major}.${minor}.${patch}${prerelease === undefined ? '' : `-${prerelease}`}`
}

/** The lowest supported releases: what to install instead of a version that is not supported. */
export function releasesOf(floors: readonly Version[]): readonly Version[] {
  return floors.filter(([, , , prerelease]) => prerelease === undefined)
}

/**
 * Compares a version with the lowest supported versions. `newer` is a major version that was not tested yet; `older` is
 * below the lowest version of its major version, or a major version that is not supported. A prerelease is compared with
 * the lowest prereleases: a canary from before a security fix may have a higher number than the release with the fix.
 */
export function compareToFloors(
  version: Version,
  floors: readonly Version[],
): 'supported' | 'older' | 'newer' {
  const [major, , , prerelease] = version
  if (floors.length > 0 && floors.every(([line]) => major > line)) return 'newer'
  const releases = releasesOf(floors)
  const prereleases = floors.filter((floor) => !releases.includes(floor))
  const compared = prerelease === undefined || prereleases.length === 0 ? releases : prereleases
  const isSupported = compared.some((floor) => floor[0] === major && !isLower(version, floor))
  return isSupported ? 'supported' : 'older'
}

function isLower(a: Version, b: Version): boolean {
  const index = ([0, 1, 2] as const).find((part) => a[part] !== b[part])
  if (index !== undefined) return a[index] < b[index]
  return a[3] !== undefined && b[3] !== undefined && isLowerPrerelease(a[3], b[3])
}
