/** The address under which browsers reach the application: from PUBLIC_URL, from its host, or of `next dev`. */
import { ConfigurationError } from '../errors.ts'
import { isLoopbackUrl } from '../oauth/client-metadata/build.ts'
import type { LocalNetwork } from '../oauth/client-options.ts'
import { isReachable } from './server-origin.ts'

/** Names that lead nowhere outside a private network (ICANN's .internal, RFC 8375, RFC 9476). */
const privateName = /\.(internal|home\.arpa|alt)$/

export interface PublicUrlContext {
  /** The port of `next dev`; undefined in production, where an address is demanded. */
  readonly developmentPort?: string | undefined
  /** Next's `basePath`; undefined where nobody knows. */
  readonly basePath?: string | undefined
}

/**
 * The address under which browsers reach the application: an origin, with Next's `basePath` behind it if it has one.
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
    throw new ConfigurationError('PUBLIC_URL is missing: set it to the https address of this application.')
  }
  const url = URL.parse(text)
  if (!url || url.search || url.hash || url.username || url.password || url.pathname.includes('//')) {
    throw new ConfigurationError(
      "PUBLIC_URL must be an origin, such as https://app.example.com, with Next's basePath behind it if there is one.",
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
 * The address that a host says it has given this deployment; undefined when it says nothing. Vercel: in production
 * the project's own, in a preview that of its branch, which stays the same from one deployment to the next.
 */
export function readHostUrl(env: NodeJS.Dict<string>, basePath = ''): string | undefined {
  const preview = env.VERCEL_BRANCH_URL || env.VERCEL_URL
  const byKind = new Map([
    ['production', env.VERCEL_PROJECT_PRODUCTION_URL],
    ['preview', preview],
  ])
  const name = byKind.get(env.VERCEL_ENV ?? '')
  return name && `https://${name}${basePath}`
}

/**
 * Other hosts by which browsers reach the same deployment, as far as it is known: localhost for 127.0.0.1, and the names
 * that Vercel gives besides. A sign-in that began there would come back to a host without its cookies.
 */
export function readOtherHosts(env: NodeJS.Dict<string>, publicUrl: string): ReadonlySet<string> {
  const { host, port } = new URL(publicUrl)
  const given = env.VERCEL ? [env.VERCEL_URL, env.VERCEL_BRANCH_URL, env.VERCEL_PROJECT_PRODUCTION_URL] : []
  const local = isLoopbackUrl(publicUrl) ? ['localhost', `localhost:${port || '80'}`] : []
  return new Set([...given, ...local].flatMap((name) => (name && name !== host ? [name] : [])))
}

/**
 * Whether authorization servers can fetch the client metadata from the public URL; and the switch that opens
 * loopback addresses must never be on where strangers come by.
 */
export function checkReach(localNetwork: LocalNetwork | undefined, publicUrl: string): void {
  const { hostname, port } = new URL(publicUrl)
  if (isLoopbackUrl(publicUrl)) {
    // RFC 8252 §7.3: the name may resolve elsewhere, so redirect URIs are loopback literals.
    if (hostname !== 'localhost') return
    throw new ConfigurationError(
      `PUBLIC_URL is ${publicUrl}; loopback sign-in needs http://127.0.0.1 instead.`,
    )
  }
  if (localNetwork && !privateName.test(hostname)) {
    throw new ConfigurationError(
      `localNetwork is for this machine alone, but PUBLIC_URL is ${publicUrl}. Remove it.`,
    )
  }
  if (!isReachable(publicUrl, { allowLoopback: localNetwork !== undefined }) || (!localNetwork && port)) {
    throw new ConfigurationError(
      `PUBLIC_URL becomes the client_id, which needs a public domain name and no port; it is ${publicUrl}.`,
    )
  }
}
