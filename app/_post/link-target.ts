/**
 * Decides where a link of a post may lead, and what a reader must be told of it. The record is not trusted: its words and
 * its target may have nothing to do with each other.
 */

/**
 * The address of a link; undefined when the words are to be shown without one:
 *
 * - anything but http and https, such as `javascript:`
 * - an address with a user name, which is made to look like another one: `https://bank.example@evil.example`
 * - this app under any of its addresses: a stranger must not offer its routes, such as the one that starts a sign-in
 * - the reader's own machine
 *
 * @param ownHost the host name of this app
 */
export function linkTarget(uri: string, ownHost: string): URL | undefined {
  // URL.parse settles other spellings: upper case, 0x7f.1, full-width letters, names in other scripts.
  const url = URL.parse(uri)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  const host = withoutDot(url.hostname)
  return host === withoutDot(ownHost) || loopback.test(host) ? undefined : url
}

/** The name, its subdomains, 127.0.0.0/8, and the addresses that stand for all of a machine; in IPv6, too. */
const loopback =
  /^(?:(?:.*\.)?localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(?:7f[\da-f]{2}:[\da-f]{1,4}|0:0)\])$/

/** `example.com.` is the same host as `example.com`, but another one to cookies and comparisons. */
function withoutDot(host: string): string {
  return host.replace(/\.+$/, '')
}

/**
 * Whether the words of a link begin with the address that it leads to, as far as its host. A name in another script
 * does not count: two that look alike differ only in the form that `URL` gives them.
 *
 * @param words as they are shown
 */
export function namesTarget(words: string, { hostname }: URL): boolean {
  const [, named = ''] = /^(?:https?:\/\/)?([^/?#:]*)/i.exec(words) ?? []
  return withoutPrefix(named.toLowerCase()) === withoutPrefix(hostname)
}

function withoutPrefix(host: string): string {
  return host.replace(/^www\./, '')
}
