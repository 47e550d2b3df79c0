/** The lowest version of Node.js: older ones have no `node:sqlite`. Imports nothing, so that it can be asked there. */

/** As `engines.node` of package.json. */
export const lowestNode = '22.13.0'

/** What is wrong with a version of Node.js, and what to do; undefined for one that is high enough. */
export function problemOfNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [lowestMajor = 0, lowestMinor = 0] = lowestNode.split('.').map(Number)
  if (major > lowestMajor || (major === lowestMajor && minor >= lowestMinor)) return undefined
  return (
    `next-atproto-auth needs Node.js ${lowestMajor}.${lowestMinor} or later; this is ${version}. ` +
    'Install a newer one from https://nodejs.org.'
  )
}
