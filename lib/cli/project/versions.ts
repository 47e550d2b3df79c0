/** Versions of Node.js and Next.js, against what this package is made for (its package.json says what). */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** Major, minor, patch. */
export type Version = readonly [number, number, number]

/** What this package runs on. */
export interface Requirements {
  /** The lowest version of each line that is supported: `engines.node` of the package. */
  readonly node: readonly Version[]
  /** `peerDependencies.next`: below these are versions with known holes. */
  readonly next: readonly Version[]
}

const manifestSchema = z.object({
  engines: z.object({ node: z.string() }),
  peerDependencies: z.object({ next: z.string() }),
})

/** What the package.json of this package asks for. */
export async function readRequirements(): Promise<Requirements> {
  // Two folders up, from lib/cli as from dist/cli.
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

/** The first version in a text: `16.4.6`, `^16`, `v24.1.0`; undefined where there is none (`latest`). */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor ?? 0), Number(patch ?? 0)]
}

/**
 * How a version stands to the supported lines: `newer` than all of them is untried, `older` than its line's floor
 * (or of a line that was left behind) is unsupported.
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
