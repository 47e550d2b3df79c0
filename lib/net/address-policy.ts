/**
 * The addresses to which this server may send a request when someone else chose the URL (atproto.com/specs/oauth,
 * "Security"; RFC 9728 §7.7): https, a public name, a port for HTTP, and a public unicast IP address behind the name.
 */
import { BlockList, isIP } from 'node:net'
import { AtprotoAuthError } from '../errors.ts'
import { type Warn, warnOfPrivateHost } from './warn-of-private-host.ts'

/** The exceptions: a network on this machine, for development and tests, and hosts that the operator has named. */
export interface AddressPolicy {
  /** Allows loopback addresses, http to them, and reserved names. */
  readonly allowLoopback: boolean
  /** Names whose addresses may be private, as `parsePrivateHosts` returns them; default none. */
  readonly privateHosts?: readonly string[] | undefined
  /** Origin of the proxy that resolves all other names, and has to judge their addresses; default none. */
  readonly proxy?: string | undefined
  /** Called with a message about a host that `privateHosts` would allow, for the operator's log. */
  readonly warn?: Warn | undefined
}

/** IANA special-purpose registries (RFC 6890 and its updates) and the metadata addresses of cloud hosts. */
const specialV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/**
 * Exceptions within 2000::/3, the only public unicast range: protocol assignments with Teredo, documentation, 6to4,
 * AS112.
 */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

/** Addresses of private networks (RFC 1918, RFC 4193), which only hosts in `privateHosts` may have. */
const privateV4Ranges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
/** Services of clouds at unique local addresses: AWS, Google, Oracle, Scaleway, Akamai, Alibaba. No host may have them. */
const metadataV6 = [
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:c1::a9fe:a9fe/128',
  'fd00:42::42/128',
  'fd00:a9fe:a9fe::1/128',
  'fd00:100::100:200/128',
]

const blockedV4 = listOf(specialV4, 'ipv4')
/** Through which a network without IPv4 reaches the IPv4 internet (RFC 6052 §2.1). */
const nat64 = listOf(['64:ff9b::/96'], 'ipv6')
const publicV6 = listOf(['2000::/3'], 'ipv6')
const blockedV6 = listOf(specialV6, 'ipv6')
const privateV4 = listOf(privateV4Ranges, 'ipv4')
const mapped = listOf(['::ffff:0:0/96'], 'ipv6')
const uniqueLocal = listOf(['fc00::/7'], 'ipv6')
const cloudMetadata = listOf(metadataV6, 'ipv6')
const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Names that never belong to a public server (RFC 6761, RFC 6762, RFC 7686, RFC 9476, ICANN's .internal). */
const reservedName = /(^|\.)(alt|arpa|example|internal|invalid|lan|local|localhost|onion|test)$/
/** Reserved names that private networks use (RFC 8375, ICANN's .internal, RFC 6762). */
const privateName = /\.(home\.arpa|internal|lan|local)$/
/** Ports of services other than HTTP: the "bad ports" of the Fetch standard, and common databases. */
const badPorts: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720,
  1723, 2049, 2375, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566, 6665, 6666, 6667,
  6668, 6669, 6679, 6697, 9200, 10080, 11211, 27017,
])

/**
 * Whether a resolved IP address is public unicast. Mapped and tunnelled addresses are not. A NAT64 address (RFC 6052
 * §2.1) is when the IPv4 address in it is; one of the prefix for local use (RFC 8215) never is.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !blockedV4.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  const translated = translatedAddress(address)
  if (translated !== undefined) return !blockedV4.check(translated, 'ipv4')
  return publicV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6')
}

/**
 * Whether a resolved IP address belongs to a private network (RFC 1918, RFC 4193), also as an IPv4-mapped one. Those of
 * this machine, of its link, of carriers and of cloud metadata do not.
 */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return privateV4.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  // For a mapped address, a list of IPv4 ranges judges the IPv4 address in it.
  if (mapped.check(address, 'ipv6')) return privateV4.check(address, 'ipv6')
  return uniqueLocal.check(address, 'ipv6') && !cloudMetadata.check(address, 'ipv6')
}

/** Whether the policy allows connecting to an IP address that a host name resolved to. */
export function isAllowedAddress(address: string, policy: AddressPolicy, hostname = ''): boolean {
  if (isPublicAddress(address)) return true
  if (policy.allowLoopback && isLoopbackAddress(address)) return true
  return isPrivateHost(hostname, policy) && isPrivateAddress(address)
}

/** Whether the operator has named the host of a URL in `privateHosts`: that very name, not one under it. */
export function isPrivateHost(
  hostname: string,
  { privateHosts = [] }: Pick<AddressPolicy, 'privateHosts'>,
): boolean {
  return privateHosts.includes(hostname)
}

/** Whether a name never belongs to a public server. */
export function isReservedName(name: string): boolean {
  return reservedName.test(name)
}

/** Whether a name is a reserved one that `privateHosts` may hold. */
export function isPrivateName(name: string): boolean {
  return privateName.test(name)
}

/** The part of a cache's key that keeps apart the answers of clients that reach different networks. */
export function networkKey({ allowLoopback, privateHosts = [], proxy = '' }: AddressPolicy): unknown {
  // Without the options, the key is the one that earlier versions of this library read and write in a shared store.
  return privateHosts.length === 0 && proxy === '' ? allowLoopback : [allowLoopback, privateHosts, proxy]
}

/** Whether the host of a URL is this machine, by name or IP address. */
export function isLoopbackHost(hostname: string): boolean {
  return loopbackNames.has(hostname)
}

/**
 * Returns the parsed URL if its text is allowed. The IP address behind the host name is checked later, when connecting.
 *
 * @throws AtprotoAuthError `blocked_address`
 */
export function checkUrl(input: string | URL, policy: AddressPolicy): URL {
  const url = URL.parse(String(input))
  if (!url) throw new AtprotoAuthError('blocked_address', 'The server address is not a valid URL.')
  const local = policy.allowLoopback && isLoopbackHost(url.hostname)
  const problem = problemWith(url, policy, local)
  if (problem === undefined) return url
  const message = `Refused to contact ${url.origin}: ${problem}.`
  if (problem === problemOfPrivateName(url.hostname)) warnOfPrivateHost(message, policy.warn)
  throw new AtprotoAuthError('blocked_address', message, { endpoint: url.origin, sent: false })
}

function problemWith(url: URL, policy: AddressPolicy, local: boolean): string | undefined {
  if (url.protocol !== 'https:' && !(local && url.protocol === 'http:')) return 'only https is allowed'
  if (url.username || url.password) return 'the URL contains credentials'
  if (badPorts.has(Number(url.port))) return `port ${url.port} does not serve HTTP`
  if (local) return undefined
  if (isIP(url.hostname) || url.hostname.startsWith('['))
    return 'IP addresses are not allowed, only host names'
  if (url.hostname.endsWith('.') || !url.hostname.includes('.')) return 'the host is not a full domain name'
  const mayBeReserved = policy.allowLoopback || isPrivateHost(url.hostname, policy)
  if (mayBeReserved || !isReservedName(url.hostname)) return undefined
  return isPrivateName(url.hostname) ? problemOfPrivateName(url.hostname) : 'the name is reserved'
}

/** The one problem that an option of the operator solves. */
function problemOfPrivateName(name: string): string {
  return `${name} is a name of private networks. If that is intended, name it in the option privateHosts`
}

/** The IPv4 address in one of the well-known NAT64 prefix 64:ff9b::/96; undefined for other addresses. */
function translatedAddress(address: string): string | undefined {
  if (!nat64.check(address, 'ipv6')) return undefined
  // A URL spells each address in one way: here the last two of the eight groups, without those that are zero.
  const [, groups = ''] = URL.parse(`http://[${address}]`)?.hostname.split('::') ?? []
  const [low = '', high = ''] = groups.replace(']', '').split(':').toReversed()
  const bits = [high, low].map((group) => Number.parseInt(group || '0', 16))
  return bits.flatMap((group) => [group >> 8, group & 0xff]).join('.')
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}
