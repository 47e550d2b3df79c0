/** Which paths the middleware protects. Imported by the middleware: runs on the edge. */

/**
 * A path as the application writes it: without Next's `basePath`, decoded, and without a slash at the end.
 *
 * - `/compose` matches that page only; `/account/:path*` matches `/account` and everything below it. Any other `:name`
 *   matches one segment: `/:locale/account/:path*` matches in every language.
 * - A regular expression matches anywhere in the path, unless it contains `^` and `$`.
 * - A function gets the path and returns whether it matches.
 */
export type PathPattern = string | RegExp | ((pathname: string) => boolean)

/**
 * A function that says whether any of the patterns matches a path.
 *
 * @param option name of the option, for the error message
 * @throws TypeError for a pattern that is not understood, and would therefore protect nothing
 */
export function createPathMatcher(
  patterns: readonly PathPattern[],
  option: string,
): (pathname: string) => boolean {
  const matchers = patterns.map((pattern) => toMatcher(pattern, option))
  return (pathname) => {
    const path = normalize(pathname)
    return matchers.some((matches) => matches(path))
  }
}

/**
 * Written like a pattern: decoded, because non-ASCII paths arrive escaped, and without the slash of `trailingSlash`.
 */
function normalize(pathname: string): string {
  // A loop: an expression would take a time that grows with the square of the number of slashes.
  let end = pathname.length
  while (end > 1 && pathname[end - 1] === '/') end -= 1
  const path = pathname.slice(0, end)
  try {
    return decodeURI(path)
  } catch {
    // Not UTF-8: keep it as it is.
    return path
  }
}

function toMatcher(pattern: PathPattern, option: string): (path: string) => boolean {
  if (typeof pattern === 'function') return pattern
  // Not `test()`, which keeps its position in an expression with the flag `g`.
  if (pattern instanceof RegExp) return (path) => path.search(pattern) !== -1
  const segments = toSegments(pattern)
  if (!segments) {
    throw new TypeError(
      `${option}: ${pattern} is not a valid pattern. Use a path such as /compose, with :name for one segment and ` +
        '/:path* at the end for everything below, or a regular expression, or a function.',
    )
  }
  const matchesBelow = segments.at(-1) === ':path*'
  const fixed = matchesBelow ? segments.slice(0, -1) : segments
  return (path) => {
    const parts = path === '/' ? [] : path.slice(1).split('/')
    if (matchesBelow ? parts.length < fixed.length : parts.length !== fixed.length) return false
    return fixed.every(
      (segment, index) => segment === parts[index] || (segment.startsWith(':') && parts[index]),
    )
  }
}

/** The segments of a pattern; undefined when it uses a syntax that is not supported here. */
function toSegments(pattern: string): readonly string[] | undefined {
  if (pattern === '/') return []
  const segments = pattern.replace(/(?<=.)\/$/, '').split('/')
  const isPath = segments.shift() === '' && segments.length > 0
  const isKnown = (segment: string, index: number) =>
    /^(:\w+|[^:*?#()[\]{}+\\\s]+)$/.test(segment) || (segment === ':path*' && index === segments.length - 1)
  return isPath && segments.every(isKnown) ? segments : undefined
}
