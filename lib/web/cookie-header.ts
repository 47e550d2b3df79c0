/**
 * The library's cookies in HTTP headers (RFC 6265): their names and attributes, reading `Cookie`, writing `Set-Cookie`.
 * Imported by the middleware: runs on the edge.
 */

/** How the library's cookies are named and flagged under one public URL. */
export interface CookieSettings {
  /** Name of the session cookie. */
  readonly sessionName: string
  /** The name that 0.1.0 gave it, if that was another one: it could be the name of another application, too. */
  readonly formerSessionName: string | undefined
  /** How the names of all flow cookies start. */
  readonly flowPrefix: string
  /** Whether cookies carry `Secure`: on https, but not on http, where browsers would drop them. */
  readonly isSecure: boolean
}

/** A cookie to be set, or to be removed when `maxAgeS` is 0. */
export interface CookieChange {
  readonly name: string
  readonly value: string
  /** Lifetime in seconds. */
  readonly maxAgeS: number
}

/**
 * The names and flags of the library's cookies.
 *
 * `__Host-` binds a cookie to one host and to https; browsers reject it on plain http. The port is part of the name on
 * http, because cookies ignore ports (RFC 6265 §8.5) and each port of 127.0.0.1 is a different application. Next's
 * `basePath` is part of the name, because `__Host-` cookies are sent to every path of a host.
 *
 * @param publicUrl an origin, followed by Next's `basePath` if there is one
 */
export function cookieSettings(publicUrl: string): CookieSettings {
  const { protocol, port, pathname } = new URL(publicUrl)
  const basePath = pathname.replace(/\/$/, '')
  const isSecure = protocol === 'https:'
  const [prefix, suffix] = isSecure ? ['__Host-', ''] : ['', `-${port || '80'}`]
  const start = `${prefix}atproto-session${suffix}`
  const sessionName = start + cookiePath(basePath)
  const formerSessionName = start + basePath.replaceAll(/[^a-z0-9]+/gi, '.')
  return {
    sessionName,
    formerSessionName: formerSessionName === sessionName ? undefined : formerSessionName,
    flowPrefix: `${prefix}atproto-flow${suffix}${cookiePath(basePath)}-`,
    isSecure,
  }
}

/** A base path in the letters of cookie names; a different text for each path. */
function cookiePath(basePath: string): string {
  const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(2, '0')
  // A URL's path is ASCII.
  return basePath.replaceAll(/[^a-z0-9]/gi, (character) => (character === '/' ? '.' : `_${hex(character)}`))
}

/**
 * The value of a cookie in a `Cookie` header; undefined when the cookie is missing or occurs twice. The second one may
 * come from a subdomain (cookie tossing), and the header does not say which one does.
 */
export function readCookie(header: string | null, name: string): string | undefined {
  const values = readCookieValues(header, name)
  return values.length === 1 ? values[0] : undefined
}

/** The values of the session cookie; those of its former name if there is none of the present one. */
export function readSessionValues(
  header: string | null,
  { sessionName, formerSessionName }: Pick<CookieSettings, 'sessionName' | 'formerSessionName'>,
): readonly string[] {
  const values = readCookieValues(header, sessionName)
  return values.length > 0 || formerSessionName === undefined
    ? values
    : readCookieValues(header, formerSessionName)
}

/** All values that a `Cookie` header has for a name. */
export function readCookieValues(header: string | null, name: string): readonly string[] {
  return cookiePairs(header)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** The names in a `Cookie` header that start with `prefix`. */
export function readCookieNames(header: string | null, prefix: string): readonly string[] {
  const names = cookiePairs(header).map((pair) => pair.split('=', 1)[0] ?? '')
  return names.filter((name) => name.startsWith(prefix) && /^[\w.-]{1,128}$/.test(name))
}

/** The attributes of all cookies of the library, as Next's cookie jar takes them. */
export function cookieAttributes(maxAgeS: number, { isSecure }: CookieSettings) {
  return { path: '/', maxAge: maxAgeS, httpOnly: true, sameSite: 'lax', secure: isSecure } as const
}

/** The `Set-Cookie` value for a change, with the same attributes. */
export function setCookieHeader(
  { name, value, maxAgeS }: CookieChange,
  { isSecure }: CookieSettings,
): string {
  const secure = isSecure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`
}

function cookiePairs(header: string | null): readonly string[] {
  return (header ?? '').split(';').map((pair) => pair.trim())
}
