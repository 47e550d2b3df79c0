/**
 * Published vulnerabilities of Next.js that matter to an App Router application with sign-in. The lowest supported
 * versions (`peerDependencies.next`), the warning at run time and `doctor` follow from this list.
 */

/** A published vulnerability. */
export interface NextAdvisory {
  /** CVE, or the id of the GitHub advisory if it has no CVE. */
  readonly id: string
  /** What an attacker can do. */
  readonly what: string
  /**
   * The first release with the fix, of each minor version that got one. Later minor versions have it from the start. A
   * major version that is missing never had the vulnerability.
   */
  readonly fixedIn: readonly string[]
}

/**
 * Sources: https://github.com/vercel/next.js/security/advisories,
 * https://vercel.com/changelog/summary-of-cve-2026-23864, https://nextjs.org/blog/july-2026-security-release,
 * https://nextjs.org/blog/august-2026-security-release, https://nextjs.org/blog/nextjs-security-update-september-22-2026,
 * https://github.com/react/react/security/advisories/GHSA-xqc2-xf4c-x3h3. Not in the list: what needs the Pages Router, and
 * what poisons a cache but shows nothing of a session.
 */
export const nextAdvisories: readonly NextAdvisory[] = [
  { id: 'CVE-2025-55182', what: 'run code on the server', fixedIn: ['15.5.7', '16.0.7'] },
  { id: 'CVE-2025-67779', what: 'make the server hang', fixedIn: ['15.5.9', '16.0.10'] },
  { id: 'CVE-2026-23864', what: 'make the server hang', fixedIn: ['15.5.10', '16.0.11', '16.1.5'] },
  { id: 'CVE-2026-27978', what: 'send server actions from other sites', fixedIn: ['16.1.7'] },
  { id: 'CVE-2026-23869', what: 'make the server hang', fixedIn: ['15.5.15', '16.2.3'] },
  { id: 'CVE-2026-23870', what: 'make the server hang', fixedIn: ['15.5.16', '16.2.5'] },
  { id: 'CVE-2026-44574', what: 'reach pages past the proxy', fixedIn: ['15.5.16', '16.2.5'] },
  { id: 'CVE-2026-44575', what: 'reach pages past the proxy', fixedIn: ['15.5.16', '16.2.5'] },
  { id: 'CVE-2026-44578', what: 'send requests from the server', fixedIn: ['15.5.16', '16.2.5'] },
  { id: 'CVE-2026-45109', what: 'reach pages past the proxy', fixedIn: ['15.5.18', '16.2.6'] },
  { id: 'CVE-2026-64641', what: 'make the server hang', fixedIn: ['15.5.21', '16.2.11'] },
  { id: 'CVE-2026-64642', what: 'reach pages past the proxy', fixedIn: ['16.2.11'] },
  { id: 'CVE-2026-64645', what: 'send requests from the server', fixedIn: ['15.5.21', '16.2.11'] },
  { id: 'CVE-2026-64649', what: 'send requests from the server', fixedIn: ['15.5.21', '16.2.11'] },
  { id: 'GHSA-2xp9-vwfh-vxw4', what: 'run code on the server', fixedIn: ['15.5.24', '16.3.3'] },
  { id: 'CVE-2026-75604', what: 'run code on a Windows server', fixedIn: ['15.5.24', '16.3.3'] },
  { id: 'CVE-2026-94545', what: 'run code on the server', fixedIn: ['16.3.6'] },
  { id: 'CVE-2026-94482', what: 'make the server hang', fixedIn: ['15.5.28', '16.4.1'] },
  { id: 'CVE-2026-96889', what: 'run code on the server', fixedIn: ['15.5.28', '16.4.1'] },
  { id: 'GHSA-673q-mjm6-r5xr', what: 'run code on the server', fixedIn: ['16.4.1'] },
  // React names no release of Next.js 15; the React in 15.5.28 is the first there with the correction.
  { id: 'CVE-2026-126187', what: 'run code on the server', fixedIn: ['15.5.28', '16.4.1'] },
]

type Release = readonly [major: number, minor: number, patch: number]

/** The lowest release of each major version in which all of them are fixed, such as `16.4.1`. */
export const safeNextVersions: readonly string[] = highestOfEachMajor(
  nextAdvisories.flatMap(({ fixedIn }) => fixedIn),
)

/** Those that a release such as `16.2.4` has. Empty for a major version that is in no advisory. */
export function advisoriesOf(version: string): readonly NextAdvisory[] {
  const release = parseRelease(version)
  return nextAdvisories.filter(({ fixedIn }) => {
    const fixes = fixedIn.map(parseRelease).filter(([major]) => major === release[0])
    return fixes.length > 0 && !isFixed(release, fixes)
  })
}

/** `what1 and what2 (id1, id2)`, each `what` once. */
export function describeAdvisories(advisories: readonly NextAdvisory[]): string {
  const harms = [...new Set(advisories.map(({ what }) => what))]
  return `${harms.join(', or ')} (${advisories.map(({ id }) => id).join(', ')})`
}

/** Whether `canary.13` is before `canary.14`, and `canary.14` before `rc.0`: prereleases of one release (semver.org, rule 11). */
export function isLowerPrerelease(a: string, b: string): boolean {
  const [label = '', number = ''] = a.split('.')
  const [otherLabel = '', otherNumber = ''] = b.split('.')
  return label === otherLabel ? Number(number) < Number(otherNumber) : label < otherLabel
}

function isFixed([, minor, patch]: Release, fixes: readonly Release[]): boolean {
  const fix = fixes.find((release) => release[1] === minor)
  return fix ? patch >= fix[2] : fixes.every((release) => minor > release[1])
}

function highestOfEachMajor(versions: readonly string[]): readonly string[] {
  const highest = new Map<number, string>()
  for (const version of versions) {
    const release = parseRelease(version)
    const known = highest.get(release[0])
    if (known === undefined || isLower(parseRelease(known), release)) highest.set(release[0], version)
  }
  return [...highest.values()]
}

function isLower(a: Release, b: Release): boolean {
  const index = ([0, 1, 2] as const).find((part) => a[part] !== b[part])
  return index !== undefined && a[index] < b[index]
}

function parseRelease(version: string): Release {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  return [major, minor, patch]
}
