/** What options and environment variables have to look like. Every complaint names the variable and the fix. */
import { importKeyset, type Keyset } from '../crypto/keyset.ts'
import { ConfigurationError } from '../errors.ts'
import { type AddressPolicy, checkUrl } from '../net/address-policy.ts'
import { isLoopbackUrl } from '../oauth/client-metadata.ts'
import type { LocalNetwork } from '../oauth/client-options.ts'
import { parseDeclaredScope } from '../oauth/scope-lint.ts'
import { parseSecrets, type Secrets } from './cookie.ts'

/** Paths of the application, each starting with exactly one slash; as in its own code, all but `prefix` go without that. */
export interface Paths {
  /** Next's `basePath`, empty without one: what browsers see before every path. */
  readonly prefix: string
  readonly base: string
  readonly signInPage: string
  readonly afterSignIn: string
  readonly afterSignOut: string
}

interface ScopeOptions {
  readonly scope?: string | undefined
  readonly signInScope?: string | undefined
}

const FIX = 'The command "next-atproto-auth keys" of this package prints a new one.'
/** Names that lead nowhere outside a private network (ICANN's .internal, RFC 8375, RFC 9476). */
const privateName = /\.(internal|home\.arpa|alt)$/

interface PathOptions {
  readonly basePath?: string | undefined
  readonly signInPage?: string | undefined
  readonly afterSignIn?: string | undefined
  readonly afterSignOut?: string | undefined
}

/**
 * @param options paths that the options' schema has let pass
 * @param publicUrl from `readPublicUrl`
 */
export function readPaths(options: PathOptions, publicUrl: string): Paths {
  const { basePath: base = '/oauth', afterSignIn = '/', afterSignOut = '/' } = options
  const { signInPage = `${base}/login` } = options
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '')
  return { prefix, base, signInPage, afterSignIn, afterSignOut }
}

/** What the application asks people for, each space-separated. */
export interface Scopes {
  /** All that it will ever ask for, as its client metadata say. */
  readonly declared: string
  /** What a sign-in asks for. */
  readonly signIn: string
}

/** What is asked for: `signInScope` has to be a part of `scope`, word by word, because servers compare it so. */
export function readScopes({ scope = 'atproto', signInScope }: ScopeOptions): Scopes {
  const declared = parseDeclaredScope(scope).join(' ')
  if (signInScope === undefined) return { declared, signIn: declared }
  const words = parseDeclaredScope(signInScope)
  const unknown = words.find((word) => !declared.split(' ').includes(word))
  if (unknown === undefined) return { declared, signIn: words.join(' ') }
  throw new ConfigurationError(`The option signInScope holds "${unknown}", which the option scope does not.`)
}

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

/** Whether requests may go to that address, as far as its text tells. */
function isReachable(url: string, policy: AddressPolicy): boolean {
  try {
    checkUrl(url, policy)
    return true
  } catch {
    // The policy's own words are about requests; the caller says what it means here.
    return false
  }
}

/** Whether the text is the origin of a server that requests may go to. */
export function isServerOrigin(text: string, policy: AddressPolicy): boolean {
  const url = URL.parse(text)
  return url !== null && url.href === `${url.origin}/` && isReachable(text, policy)
}

/** Every sign-in asks it who somebody is: by http, whoever is on the way could answer. */
export function checkPlcDirectory(plcDirectory: string | undefined, isLocal: boolean): void {
  if (plcDirectory === undefined || isServerOrigin(plcDirectory, { allowLoopback: isLocal })) return
  throw new ConfigurationError(
    'The option plcDirectory must be the https origin of a public server, such as https://plc.directory. One on this ' +
      'machine is part of localNetwork.',
  )
}

/** @returns undefined where a secret may be generated: on a loopback address that gave none */
export function readSecrets(given: string | Secrets | undefined, isLoopback: boolean): Secrets | undefined {
  const secrets = typeof given === 'object' ? given : parseSecrets(given)
  if (!secrets && !isLoopback) throw new ConfigurationError(`ATPROTO_SECRET is missing. ${FIX}`)
  // Too short, or the same few characters over and over: guessable, and with it every session.
  const isWeak = secrets?.some((secret) => secret.length < 32 || new Set(secret).size < 10)
  if (isWeak)
    throw new ConfigurationError(`ATPROTO_SECRET is too weak: 32 random characters at least. ${FIX}`)
  return secrets
}

/** @param value JSON or PEM text, or the keys themselves: what `importKeyset` takes */
export async function readKeys(value: unknown): Promise<Keyset> {
  if (value === undefined || value === '')
    throw new ConfigurationError(`ATPROTO_CLIENT_KEYS is missing. ${FIX}`)
  try {
    return await importKeyset(value)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new ConfigurationError(`ATPROTO_CLIENT_KEYS is unusable. ${error.message}`)
  }
}
