/** Which paths the guard watches. Part of the middleware's closure. */

/**
 * Paths as the application writes them, without Next's `basePath`, decoded, and without a slash at the end:
 *
 * - `/compose` is that page alone, `/account/:path*` also everything below; any other `:name` stands for one segment,
 *   so `/:locale/account/:path*` is the same in every language.
 * - A regular expression is searched for, so it says `^` and `$` where it means them.
 * - A function gets the path.
 */
export type PathPattern = string | RegExp | ((pathname: string) => boolean)

/**
 * A function that says whether a path is one of the patterns'.
 *
 * @param option name of the option, for the complaint
 * @throws TypeError for a pattern that is not understood: it would guard nothing
 */
export function createPathMatcher(
  patterns: readonly PathPattern[],
  option: string,
): (pathname: string) => boolean {
  const matchers = patterns.map((pattern) => toMatcher(pattern, option))
  return (pathname) => {
    const path = plain(pathname)
    return matchers.some((matches) => matches(path))
  }
}

/** As patterns are written: names in other scripts arrive escaped, and `trailingSlash` puts a slash behind all of them. */
function plain(pathname: string): string {
  const path = pathname.replace(/(?<=.)\/+$/, '')
  try {
    return decodeURI(path)
  } catch {
    // Not UTF-8: then it is as it came.
    return path
  }
}

function toMatcher(pattern: PathPattern, option: string): (path: string) => boolean {
  if (typeof pattern === 'function') return pattern
  // Searched, not tested: that would remember its place in an expression with the flag `g`.
  if (pattern instanceof RegExp) return (path) => path.search(pattern) !== -1
  const segments = toSegments(pattern)
  if (!segments) {
    throw new TypeError(
      `${option}: ${pattern} is neither a path such as /compose, with :name for a segment and /:path* at its end ` +
        'for everything below, nor a regular expression or function.',
    )
  }
  const isOpen = segments.at(-1) === ':path*'
  const fixed = isOpen ? segments.slice(0, -1) : segments
  return (path) => {
    const parts = path === '/' ? [] : path.slice(1).split('/')
    if (isOpen ? parts.length < fixed.length : parts.length !== fixed.length) return false
    return fixed.every(
      (segment, index) => segment === parts[index] || (segment.startsWith(':') && parts[index]),
    )
  }
}

/** The segments of a pattern; undefined when it means something else than is understood here. */
function toSegments(pattern: string): readonly string[] | undefined {
  if (pattern === '/') return []
  const segments = pattern.replace(/(?<=.)\/$/, '').split('/')
  const isPath = segments.shift() === '' && segments.length > 0
  const isKnown = (segment: string, index: number) =>
    /^(:\w+|[^:*?#()[\]{}+\\\s]+)$/.test(segment) || (segment === ':path*' && index === segments.length - 1)
  return isPath && segments.every(isKnown) ? segments : undefined
}
