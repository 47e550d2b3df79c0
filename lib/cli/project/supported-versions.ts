/** The versions of Node.js and Next.js that this package supports, from its package.json, and their comparison. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** Major, minor, patch. */
export type Version = readonly [number, number, number]

/** The supported versions. */
export interface SupportedVersions {
  /** The lowest supported version of each major version: `engines.node` of the package. */
  readonly node: readonly Version[]
  /** The same for Next.js: `peerDependencies.next`. Lower versions have known vulnerabilities. */
  readonly next: readonly Version[]
}

const manifestSchema = z.object({
  engines: z.object({ node: z.string() }),
  peerDependencies: z.object({ next: z.string() }),
})

/** Reads the supported versions from the package.json of this package. */
export async function readSupportedVersions(): Promise<SupportedVersions> {
  // The path is the same from lib/cli and from dist/cli.
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8')
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
  const [, major, minor, patch] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor ?? 0), Number(patch ?? 0)]
}

/**
 * Compares a version with the lowest supported versions. `newer` is a major version that was not tested yet; `older` is
 * below the lowest version of its major version, or a major version that is not supported.
 */
export function compareToFloors(
  version: Version,
  floors: readonly Version[],
): 'supported' | 'older' | 'newer' {
  const [major] = version
  if (floors.length > 0 && floors.every(([line]) => major > line)) return 'newer'
  return floors.some((floor) => floor[0] === major && !isLower(version, floor)) ? 'supported' : 'older'
}

function isLower(a: Version, b: Version): boolean {
  const [index] = [0, 1, 2].filter((part) => a[part] !== b[part])
  return index !== undefined && (a[index] ?? 0) < (b[index] ?? 0)
}
