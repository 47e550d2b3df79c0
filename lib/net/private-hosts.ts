/**
 * The option `privateHosts`: hosts that may have addresses of a private network, such as a PDS on the same LAN or in the
 * same container network. All other rules hold for them too: https, no other port than elsewhere, no redirects.
 */
import { isIP } from 'node:net'
import { ConfigurationError } from '../errors.ts'
import { cleanText } from '../untrusted-text.ts'
import { type AddressPolicy, isPrivateName, isReservedName } from './address-policy.ts'

/** A full domain name (RFC 1035 §2.3.4), as URLs spell it: in lower case, international names as Punycode. */
const domainName = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Returns the names sorted and without duplicates, so that the same hosts make the same cache key.
 *
 * @throws ConfigurationError when an entry is no host name, or a name that cannot belong to a host of a private network
 */
export function parsePrivateHosts(
  names: readonly string[] | undefined,
  { allowLoopback }: Pick<AddressPolicy, 'allowLoopback'>,
): readonly string[] {
  const hosts = names ?? []
  for (const [index, name] of hosts.entries()) {
    const isUsable = isDomainName(name) && (allowLoopback || isPrivateName(name) || !isReservedName(name))
    if (isUsable) continue
    // What may be a URL with credentials is not quoted.
    const entry = name.includes('@') ? '' : ` It is "${cleanText(name) ?? ''}".`
    throw new ConfigurationError(
      `The option privateHosts.${index} must be a full host name in lower case, such as pds.example.com: no scheme, ` +
        'port, path, wildcard or IP address. Of the reserved names, only those under .home.arpa, .internal, .lan and ' +
        `.local are allowed.${entry}`,
    )
  }
  return [...new Set(hosts)].toSorted()
}

function isDomainName(name: string): boolean {
  return domainName.test(name) && isIP(name) === 0 && URL.parse(`https://${name}`)?.hostname === name
}
