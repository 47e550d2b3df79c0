/** Checks addresses in props: of servers for new accounts, of the AppView, and of pictures. */

const THIS_SITE = 'http://this-site.invalid'
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/

/**
 * Parses the origin of a server, such as `https://bsky.social`. A bare host name means https.
 *
 * @param name the prop, for the error message
 * @throws TypeError when it is not https (http is allowed for this machine), or contains more than an origin
 */
export function parseWebOrigin(text: string, name: string): string {
  const url = URL.parse(/^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `https://${text}`)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname))
  if (!url || !isSafe || url.href !== `${url.origin}/`) {
    throw new TypeError(`${name}: expected an https address such as https://bsky.social, got ${text}`)
  }
  return url.origin
}

/** Returns the address of a picture if it is allowed: https, or a path of this site. */
export function pictureUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  // Parsed as browsers do: `/\t/host` is another host for them.
  if (text.startsWith('/')) return URL.parse(text, THIS_SITE)?.origin === THIS_SITE ? text : undefined
  return URL.parse(text)?.protocol === 'https:' ? text : undefined
}
