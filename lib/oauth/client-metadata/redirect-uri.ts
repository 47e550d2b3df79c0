/** Which redirect URIs a client may declare (atproto.com/specs/oauth, "Client ID Metadata Document"; RFC 8252). */
import { ConfigurationError } from '../../errors.ts'
import type { AddressPolicy } from '../../net/address-policy.ts'
import { parseLoopbackRedirect } from './loopback.ts'

/** The client that declares a redirect URI. */
export interface RedirectingClient {
  readonly clientId: URL
  readonly applicationType: 'web' | 'native'
  readonly policy: AddressPolicy
}

/** Names that lead to no website. */
const localName = /(^|\.)(example|invalid|local|localhost|test)$/

/**
 * Checks a redirect URI of a client with a metadata document: https for every client; for a native one also
 * http on a loopback address, or the client_id's domain name in reverse order as its scheme.
 *
 * @throws ConfigurationError
 */
export function checkRedirectUri(uri: string, client: RedirectingClient): void {
  const problem = problemOf(uri, client)
  if (problem === undefined) return
  throw new ConfigurationError(`The redirect URI ${uri} in clientMetadata.redirect_uris ${problem}.`)
}

function problemOf(uri: string, { clientId, applicationType, policy }: RedirectingClient) {
  const url = URL.parse(uri)
  if (!url) return 'is not a URL'
  if (url.username || url.password) return 'holds credentials: leave them out'
  if (uri.includes('#')) return 'has a fragment, which OAuth does not allow: leave it out'
  // The text counts, not the parsed URL: servers accept no other spelling.
  if (uri.startsWith('https://')) return isWebsite(url, policy) ? undefined : 'is not on a public domain name'
  if (applicationType !== 'native')
    return 'must be https for a web client; only an application_type "native" may have others'
  if (url.protocol === 'http:') {
    parseLoopbackRedirect(uri)
    return undefined
  }
  const scheme = `${clientId.hostname.split('.').reverse().join('.')}:`
  // RFC 8252 §7.1: one slash, because there is no host to name.
  if (url.protocol === scheme && /^[^:]+:\/(?!\/)/.test(uri)) return undefined
  return `must be https, a loopback address or ${scheme}/path, the domain of the client_id in reverse order`
}

function isWebsite({ hostname }: URL, { allowLoopback }: AddressPolicy): boolean {
  if (hostname === '127.0.0.1' || !hostname.includes('.')) return false
  return allowLoopback || !localName.test(hostname)
}
