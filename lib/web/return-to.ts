/** Where the browser goes after a sign-in: always a path of this application (no open redirect, RFC 9700 §4.11). */

const ANY_ORIGIN = 'http://return-to.invalid'
/** A longer return path would not fit into cookies and URLs everywhere. */
export const MAX_RETURN_TO = 2_048

/** A path that a browser may go to, or why there is none. */
export type ReturnPath =
  | { readonly path: string }
  /** `elsewhere`: it leads to another site, or to one of the library's own routes. */
  | { readonly refused: 'missing' | 'too_long' | 'elsewhere' }

/**
 * Path, query and fragment of `input`, if it leads a browser to this application and not to one of the library's own
 * routes; otherwise `fallback`. The result starts with exactly one slash.
 *
 * @param base path below which the library's own routes are
 */
export function safeReturnTo(input: unknown, fallback: string, base?: string): string {
  const parsed = parseReturnTo(input, base)
  return 'path' in parsed ? parsed.path : fallback
}

/** Like `safeReturnTo`, but says why there is no path. */
export function parseReturnTo(input: unknown, base?: string): ReturnPath {
  if (typeof input !== 'string' || input === '') return { refused: 'missing' }
  if (!input.startsWith('/')) return { refused: 'elsewhere' }
  // Parsed as browsers do, so that backslashes, tabs and line breaks have the same effect here as there.
  const url = URL.parse(input, ANY_ORIGIN)
  if (url?.origin !== ANY_ORIGIN) return { refused: 'elsewhere' }
  const path = url.pathname + withoutRsc(url.search) + url.hash
  // `/.//host` is normalised to `//host`: a path here, but another origin in a Location header.
  const isElsewhere = path.startsWith('//') || (base !== undefined && url.pathname.startsWith(`${base}/`))
  if (isElsewhere) return { refused: 'elsewhere' }
  // The length after escaping, which turns one character into up to nine.
  return path.length > MAX_RETURN_TO ? { refused: 'too_long' } : { path }
}

/**
 * Removes the parameter `_rsc`, which the router of Next.js adds to its own requests, from a query. A page that passes on
 * the address of such a request would show it to the user, and requests for it may be answered from a cache.
 */
export function withoutRsc(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((parameter) => !/^_rsc(=|$)/.test(parameter))
    .join('&')
  return kept === '' ? '' : `?${kept}`
}
