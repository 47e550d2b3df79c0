/** Versions below these have holes that no application code can close, or lack what this package stands on. */

import { readProject } from '../project/project.ts'
import { compareToFloors, parseVersion, readRequirements, type Version } from '../project/versions.ts'
import type { Finding } from './finding.ts'

/**
 * What is said about the versions of Node.js and Next.js.
 *
 * @throws ConfigurationError when the folder holds no Next.js application
 */
export async function checkVersions(folder: string, nodeVersion: string): Promise<readonly Finding[]> {
  const { node, next } = await readRequirements()
  const { nextVersion } = await readProject(folder)
  return [checkNode(nodeVersion, node), checkNext(nextVersion, next)]
}

function checkNode(text: string, floors: readonly Version[]): Finding {
  const check = 'Node.js'
  const version = parseVersion(text)
  const [floor = [0, 0, 0]] = floors
  const isEnough =
    version !== undefined && (version[0] > floor[0] || compareToFloors(version, floors) === 'supported')
  if (isEnough) return { check, level: 'ok', message: `version ${text}` }
  return {
    check,
    level: 'fail',
    message: `version ${text} is too old`,
    fix: `Take Node.js ${floor.join('.')} or later.`,
  }
}

function checkNext(version: Version | undefined, floors: readonly Version[]): Finding {
  const check = 'Next.js'
  const supported = floors.map((floor) => `${floor.join('.')} or later of ${floor[0]}`).join(', ')
  if (!version)
    return {
      check,
      level: 'warn',
      message: 'is not installed here, and package.json names no version',
      fix: `Supported: ${supported}.`,
    }
  const text = version.join('.')
  const standing = compareToFloors(version, floors)
  if (standing === 'supported') return { check, level: 'ok', message: `version ${text}` }
  if (standing === 'newer')
    return {
      check,
      level: 'warn',
      message: `version ${text} is newer than what this package was tried with`,
      fix: 'Look for a newer version of next-atproto-auth.',
    }
  return {
    check,
    level: 'fail',
    message: `version ${text} is too old: it has published holes, or lacks what sign-in needs`,
    fix: `Supported: ${supported}.`,
  }
}
