/** The IP address of a request's client, where it can be trusted: a header that any client can send cannot. */
import 'server-only'
import { isIP } from 'node:net'
import type { Environment } from '../../store/choose-store.ts'

/** The headers of a request, from a route handler's `Request` or from Next's `headers()`. */
export interface RequestHeaders {
  readonly headers: Pick<Headers, 'get'>
}

/** Returns the IP address of a request's client; undefined when it is not known. */
export type ClientAddress = (request: RequestHeaders) => string | undefined

/** Platforms by the variable that they set, with the header that they overwrite in every request. */
const platformHeaders: Readonly<Record<string, string>> = {
  VERCEL: 'x-vercel-forwarded-for',
  NETLIFY: 'x-nf-client-connection-ip',
  CF_PAGES: 'cf-connecting-ip',
  FLY_APP_NAME: 'fly-client-ip',
}

/**
 * Reads the client's address from the header of Vercel, Netlify, Cloudflare Pages or Fly.io. Elsewhere there is none:
 * `X-Forwarded-For` contains what the client sent, unless your own proxy overwrites it.
 */
export function platformClientAddress(env: Environment): ClientAddress {
  // A platform's variables may be copied to a developer's machine, where no proxy sets the header.
  const isHosted = env.NODE_ENV !== 'development'
  const header = isHosted && Object.entries(platformHeaders).find(([name]) => env[name])?.[1]
  return ({ headers }) => (header ? (headers.get(header) ?? undefined) : undefined)
}

/**
 * What counts as one client: an IPv4 address, or the /64 network of an IPv6 address, because a household has at least
 * one such network to itself (RFC 6177 §2). Undefined when the text is not a single address. A port after it is
 * ignored.
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

/** The eight groups of an IPv6 address, in lower case, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [bare = ''] = address.split('%')
  const { hostname } = new URL(`http://[${bare}]`)
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::')
  const [front, back] = [head, tail].map((part) => part.split(':').filter(Boolean))
  const [first, last] = [front ?? [], back ?? []]
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last]
}

/** The IPv4 address in `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2): how servers that listen on both show IPv4 clients. */
function mappedV4(groups: readonly string[]): string | undefined {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined
  const bytes = groups.slice(6).flatMap((group) => {
    const number = Number.parseInt(group, 16)
    return [number >> 8, number & 255]
  })
  return bytes.join('.')
}
