/** Where a person goes after signing in: a path of this application, whatever was asked for (RFC 9700 §4.11.1). */

const ANY_ORIGIN = 'http://return-to.invalid'
const MAX_LENGTH = 2_048

/**
 * The path, query and fragment of `input` if a browser would stay on this application's origin with it and it is
 * none of the library's own routes; else `fallback`. The result starts with exactly one slash.
 *
 * @param base path of the library's own routes, none of which is a place to return to
 */
export function safeReturnTo(input: unknown, fallback: string, base?: string): string {
  if (typeof input !== 'string' || !input.startsWith('/')) return fallback
  // Parsed as a browser parses it: backslashes, tabs and line breaks have already done their worst.
  const url = URL.parse(input, ANY_ORIGIN)
  if (url?.origin !== ANY_ORIGIN) return fallback
  const path = url.pathname + url.search + url.hash
  // Measured as it is sent: escaping makes one character up to nine.
  if (path.length > MAX_LENGTH) return fallback
  // `/.//host` normalises to `//host`: harmless as parsed here, another origin as a Location header.
  if (path.startsWith('//') || (base !== undefined && url.pathname.startsWith(`${base}/`))) return fallback
  return path
}
