/** The lines of .gitignore that keep secrets and sessions out of a repository. */

interface IgnoredPath {
  readonly line: string
  readonly name: string
  /** Other lines that ignore it, too. */
  readonly spellings?: readonly string[]
}

const secrets: IgnoredPath = {
  line: '.env*.local',
  name: '.env.local',
  spellings: ['.env*', '.env.local', '.env.*', '.env.*.local'],
}
const sessions: IgnoredPath = {
  line: '.atproto-auth/',
  name: '.atproto-auth',
  spellings: ['.atproto-auth', '/.atproto-auth', '/.atproto-auth/'],
}

/**
 * Returns the lines that a .gitignore lacks.
 *
 * @param linked where a symbolic link `.env.local` leads within the folder, if it is one
 */
export function missingLines(text: string, linked: string | undefined): readonly string[] {
  const lines = text.split(/\r\n?|\n/).map((line) => line.trim())
  const target: readonly IgnoredPath[] =
    linked === undefined ? [] : [{ line: `/${linked.replaceAll(/[\\*?[]/g, '\\$&')}`, name: linked }]
  return [secrets, sessions, ...target].filter((path) => !isIgnored(path, lines)).map(({ line }) => line)
}

/** Whether one of the spellings is there, and no later line takes it back. */
function isIgnored({ line, name, spellings = [] }: IgnoredPath, lines: readonly string[]): boolean {
  const last = lines.findLastIndex((present) => present === line || spellings.includes(present))
  if (last < 0) return false
  return !lines.slice(last).some((later) => later.startsWith('!') && mayMatch(later.slice(1), name))
}

/** Whether a pattern matches the last part of a name. Its folders are not compared: a line too many does no harm. */
function mayMatch(pattern: string, name: string): boolean {
  const [glob = ''] = pattern.split('/').filter(Boolean).slice(-1)
  const [lastPart = ''] = name.split('/').slice(-1)
  const source = glob
    .replaceAll(/\[[^\]]*\]?/g, '*')
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^(?:${source})$`).test(lastPart)
}
