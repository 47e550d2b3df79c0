/** Where a request comes from, as far as that can be believed: a header that anybody may send is no address. */
import 'server-only'
import { isIP } from 'node:net'
import type { Environment } from '../../store/store-choice.ts'

/** The headers of a request, as a route handler has them and as Next's `headers()` gives them. */
export interface RequestHeaders {
  readonly headers: Pick<Headers, 'get'>
}

/** Gives the IP address of a request's client; undefined when it is not known. */
export type ClientAddress = (request: RequestHeaders) => string | undefined

/** Hosts by the variable that they set, and the header that they write themselves, over whatever a client sent. */
const hostHeaders: Readonly<Record<string, string>> = {
  VERCEL: 'x-vercel-forwarded-for',
  NETLIFY: 'x-nf-client-connection-ip',
  CF_PAGES: 'cf-connecting-ip',
  FLY_APP_NAME: 'fly-client-ip',
}

/**
 * Reads the client's address where the host is one that vouches for it: Vercel, Netlify, Cloudflare Pages, Fly.io.
 * Anywhere else there is none: `X-Forwarded-For` is what the client says unless a proxy of one's own wrote it.
 */
export function hostClientAddress(env: Environment): ClientAddress {
  // Variables of a host that were copied to the developer's machine put no proxy before it.
  const isHosted = env.NODE_ENV !== 'development'
  const header = isHosted && Object.entries(hostHeaders).find(([name]) => env[name])?.[1]
  return ({ headers }) => (header ? (headers.get(header) ?? undefined) : undefined)
}

/**
 * What counts as one client: an IPv4 address, or the /64 network of an IPv6 address, of which one household has at
 * least a whole one (RFC 6177 §2). Undefined when the text is no single address; a port behind it is left out.
 */
export function clientNetwork(text: string): string | undefined {
  const address = withoutPort(text.trim())
  if (isIP(address) === 4) return address
  if (isIP(address) !== 6) return undefined
  const groups = groupsOf(address)
  return mappedV4(groups) ?? `${groups.slice(0, 4).join(':')}::/64`
}

function withoutPort(text: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
}

/** The eight groups of an IPv6 address, in lower case and without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [bare = ''] = address.split('%')
  const { hostname } = new URL(`http://[${bare}]`)
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::')
  const [front, back] = [head, tail].map((part) => part.split(':').filter(Boolean))
  const [first, last] = [front ?? [], back ?? []]
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last]
}

/** The IPv4 address within `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2): servers that listen on both show clients like this. */
function mappedV4(groups: readonly string[]): string | undefined {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined
  const bytes = groups.slice(6).flatMap((group) => {
    const number = Number.parseInt(group, 16)
    return [number >> 8, number & 255]
  })
  return bytes.join('.')
}
