/** Checks the versions of Node.js and Next.js: lower ones have vulnerabilities or lack what this package needs. */

import { advisoriesOf, describeAdvisories } from '../../config/next-advisories.ts'
import { readProject } from '../project/project.ts'
import {
  compareToFloors,
  formatVersion,
  parseVersion,
  readSupportedVersions,
  releasesOf,
  type Version,
} from '../project/supported-versions.ts'
import type { Finding } from './finding.ts'

/**
 * Compares the versions of Node.js and Next.js with the supported ones.
 *
 * @throws ConfigurationError when the folder contains no Next.js application
 */
export async function checkVersions(folder: string, nodeVersion: string): Promise<readonly Finding[]> {
  const { node, next } = await readSupportedVersions()
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
    fix: `Install Node.js ${formatVersion(floor)} or later.`,
  }
}

function checkNext(version: Version | undefined, floors: readonly Version[]): Finding {
  const check = 'Next.js'
  const supported = releasesOf(floors)
    .map((floor) => `${formatVersion(floor)} or a later ${floor[0]}`)
    .join(', ')
  if (!version)
    return {
      check,
      level: 'warn',
      message: 'is not installed here, and package.json contains no version',
      fix: `Supported: ${supported}.`,
    }
  const text = formatVersion(version)
  const comparison = compareToFloors(version, floors)
  if (comparison === 'supported') return { check, level: 'ok', message: `version ${text}` }
  if (comparison === 'newer')
    return {
      check,
      level: 'warn',
      message: `version ${text} is newer than the versions this package was tested with`,
      fix: 'Update next-atproto-auth.',
    }
  const advisories = advisoriesOf(text)
  const reason =
    advisories.length > 0
      ? `has known vulnerabilities: an attacker may ${describeAdvisories(advisories)}`
      : 'is not supported: it may lack security fixes'
  return { check, level: 'fail', message: `version ${text} ${reason}`, fix: `Supported: ${supported}.` }
}
