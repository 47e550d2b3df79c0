/**
 * The form that the client_id of a client with a metadata document must have for authorization servers to accept it
 * (atproto.com/specs/oauth, "Clients"; draft-ietf-oauth-client-id-metadata-document §3).
 */
import { ConfigurationError } from '../../errors.ts'
import { type AddressPolicy, checkUrl } from '../../net/address-policy.ts'

/**
 * The URL of the metadata document.
 *
 * @throws ConfigurationError when authorization servers would not fetch it
 */
export function parseClientId(clientId: string, policy: AddressPolicy): URL {
  const url = URL.parse(clientId)
  const problem = url ? problemOf(url, clientId, policy) : 'is not a URL'
  if (url && problem === undefined) return url
  throw new ConfigurationError(
    `The client_id ${problem}; it must be the https URL of the client metadata, such as ` +
      `https://app.example.com/oauth-client-metadata.json. It is ${clientId}.`,
  )
}

function problemOf(url: URL, clientId: string, policy: AddressPolicy): string | undefined {
  if (url.protocol !== 'https:') return 'is not https'
  if (url.username || url.password) return 'holds credentials'
  if (clientId.includes('#')) return 'has a fragment'
  if (url.port && !policy.allowLoopback) return 'has a port'
  if (url.pathname.endsWith('/')) return url.pathname === '/' ? 'has no path' : 'ends in a slash'
  if (!isReachable(url, policy)) return 'is not on a public domain name'
  // Servers compare it byte for byte: two spellings would be two clients.
  return url.href === clientId ? undefined : `is spelled another way than ${url.href}`
}

function isReachable(url: URL, policy: AddressPolicy): boolean {
  try {
    checkUrl(url, policy)
    return true
  } catch {
    // The message of the policy is about requests; the caller says what it means for a client_id.
    return false
  }
}
