/** Addresses that an application names: of hosts that take new accounts, and of an AppView. */

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/

/**
 * The origin of a server that an application names, such as `https://bsky.social`; a bare host name means https.
 *
 * @throws TypeError when it is not https, but for a server on this machine, or holds more than an origin
 */
export function parseWebOrigin(text: string, name: string): string {
  const url = URL.parse(/^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `https://${text}`)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname))
  if (!url || !isSafe || url.href !== `${url.origin}/`) {
    throw new TypeError(`${name}: expected an https address such as https://bsky.social, got ${text}`)
  }
  return url.origin
}

/** The address of a picture if a page may show it: https, or a path of this site. */
export function pictureUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^\/(?![/\\])/.test(text)) return text
  return URL.parse(text)?.protocol === 'https:' ? text : undefined
}
