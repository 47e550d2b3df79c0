/** Where the browser goes after a sign-in: always a path of this application (no open redirect, RFC 9700 §4.11). */

const ANY_ORIGIN = 'http://return-to.invalid'
const MAX_LENGTH = 2_048

/**
 * Path, query and fragment of `input`, if it leads a browser to this application and not to one of the library's own
 * routes; otherwise `fallback`. The result starts with exactly one slash.
 *
 * @param base path below which the library's own routes are
 */
export function safeReturnTo(input: unknown, fallback: string, base?: string): string {
  if (typeof input !== 'string' || !input.startsWith('/')) return fallback
  // Parsed as browsers do, so that backslashes, tabs and line breaks have the same effect here as there.
  const url = URL.parse(input, ANY_ORIGIN)
  if (url?.origin !== ANY_ORIGIN) return fallback
  const path = url.pathname + url.search + url.hash
  // The length after escaping, which turns one character into up to nine.
  if (path.length > MAX_LENGTH) return fallback
  // `/.//host` is normalised to `//host`: a path here, but another origin in a Location header.
  if (path.startsWith('//') || (base !== undefined && url.pathname.startsWith(`${base}/`))) return fallback
  return path
}
