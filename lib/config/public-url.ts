/** The public URL: the address that browsers use, from PUBLIC_URL, from the host, or that of `next dev`. */
import { ConfigurationError } from '../errors.ts'
import { isLoopbackUrl } from '../oauth/client-metadata/build.ts'
import type { LocalNetwork } from '../oauth/client-options.ts'
import { otherLoopbackHosts } from './loopback-hosts.ts'
import { isReachable } from './server-origin.ts'

/** Names that do not exist outside a private network (ICANN's .internal, RFC 8375, RFC 9476). */
const privateName = /\.(internal|home\.arpa|alt)$/

export interface PublicUrlContext {
  /** The port of `next dev`; undefined in production, where PUBLIC_URL is required. */
  readonly developmentPort?: string | undefined
  /** Next's `basePath`; undefined when it is not known, and then not checked. */
  readonly basePath?: string | undefined
}

/**
 * The public URL: an origin, followed by Next's `basePath` if there is one. No slash at the end.
 *
 * @throws ConfigurationError
 */
export function readPublicUrl(
  text: string | undefined,
  { developmentPort, basePath }: PublicUrlContext = {},
): string {
  if (text === undefined || text === '') {
    if (developmentPort !== undefined)
      return toPublicUrl(new URL(`http://127.0.0.1:${developmentPort}${basePath ?? ''}`))
    throw new ConfigurationError(
      'PUBLIC_URL is missing: set it to the https address of this application, or to http://127.0.0.1:3000 to try a build here.',
    )
  }
  const url = URL.parse(text)
  if (!url || url.search || url.hash || url.username || url.password || url.pathname.includes('//')) {
    throw new ConfigurationError(
      "PUBLIC_URL must be an origin, such as https://app.example.com, followed by Next's basePath if there is one.",
    )
  }
  if (url.protocol !== 'https:' && !isLoopbackUrl(url.origin)) {
    throw new ConfigurationError(
      `PUBLIC_URL must be https, or http://127.0.0.1 in development; it is ${url.origin}.`,
    )
  }
  const publicUrl = toPublicUrl(url)
  const expected = basePath === undefined ? publicUrl : toPublicUrl(new URL(basePath || '/', url))
  if (publicUrl !== expected) {
    throw new ConfigurationError(
      `PUBLIC_URL must be ${expected}, with the basePath of next.config; it is ${publicUrl}.`,
    )
  }
  return publicUrl
}

function toPublicUrl({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/$/, '')
}

/**
 * The public URL that a hosting platform provides in its environment; undefined when it provides none. On Vercel: in
 * production the project's domain, in a preview that of the branch, which is the same for all of its deployments.
 */
export function readHostUrl(env: NodeJS.Dict<string>, basePath = ''): string | undefined {
  const preview = env.VERCEL_BRANCH_URL || env.VERCEL_URL
  const hosts = new Map([
    ['production', env.VERCEL_PROJECT_PRODUCTION_URL],
    ['preview', preview],
  ])
  const name = hosts.get(env.VERCEL_ENV ?? '')
  return name && `https://${name}${basePath}`
}

/**
 * Other hosts of the same deployment, as far as they are known: localhost and [::1] for 127.0.0.1, and the other names
 * that Vercel assigns. A sign-in that starts there would return to a host that does not receive its cookies.
 */
export function readOtherHosts(env: NodeJS.Dict<string>, publicUrl: string): ReadonlySet<string> {
  const url = new URL(publicUrl)
  const assigned = env.VERCEL
    ? [env.VERCEL_URL, env.VERCEL_BRANCH_URL, env.VERCEL_PROJECT_PRODUCTION_URL]
    : []
  const local = isLoopbackUrl(publicUrl) ? ['localhost', ...otherLoopbackHosts(url)] : []
  return new Set([...assigned, ...local].flatMap((name) => (name && name !== url.host ? [name] : [])))
}

/** Whether a host name exists in private networks only. */
export function isPrivateName(hostname: string): boolean {
  return privateName.test(hostname)
}

/**
 * Checks that authorization servers can fetch the client metadata from the public URL, and that `localNetwork`, which
 * allows requests to loopback addresses, is not on in a public application.
 *
 * @throws ConfigurationError
 */
export function checkReach(publicUrl: string, localNetwork?: LocalNetwork): void {
  const { hostname, port } = new URL(publicUrl)
  if (isLoopbackUrl(publicUrl)) {
    // The name localhost may resolve to another address, so redirect URIs use the IP address (RFC 8252 §8.3).
    if (hostname !== 'localhost') return
    throw new ConfigurationError(
      `PUBLIC_URL is ${publicUrl}; loopback sign-in needs http://127.0.0.1 instead.`,
    )
  }
  if (localNetwork && !isPrivateName(hostname)) {
    throw new ConfigurationError(
      `localNetwork is for development on this machine, but PUBLIC_URL is ${publicUrl}. Remove it.`,
    )
  }
  if (!isReachable(publicUrl, { allowLoopback: localNetwork !== undefined }) || (!localNetwork && port)) {
    throw new ConfigurationError(
      `PUBLIC_URL becomes the client_id, which needs a public domain name and no port; it is ${publicUrl}.`,
    )
  }
}
