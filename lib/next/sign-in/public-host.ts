/**
 * Visits and sign-ins that start at another host name of the same deployment, such as localhost instead of 127.0.0.1. The
 * callback comes to the host of the public URL, and browsers do not send it the cookies of another host.
 */
import 'server-only'
import { CHANGE_HOST } from '../../config/loopback-hosts.ts'
import { isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import { type SignInHints, signInPath } from '../../web/sign-in-page.ts'
import type { Config } from '../config/load-config.ts'
import { sharedState } from '../process/shared-state.ts'

/** Whether the request came to another host than that of the public URL. */
export function isAtOtherHost(
  headers: Pick<Headers, 'get'>,
  { otherHosts }: Pick<Config, 'otherHosts'>,
): boolean {
  return otherHosts.has(headers.get('host') ?? '')
}

/** URL of the sign-in page at the public host when the request came to another one; otherwise undefined. */
export function signInUrlAtPublicHost(
  headers: Pick<Headers, 'get'>,
  hints: SignInHints,
  { otherHosts, publicOrigin, paths }: Pick<Config, 'otherHosts' | 'publicOrigin' | 'paths'>,
): string | undefined {
  if (!isAtOtherHost(headers, { otherHosts })) return undefined
  return publicOrigin + paths.prefix + signInPath(paths, hints)
}

/** The step of a visitor who is to sign in, unless the public host has a cookie of theirs. */
const UNLESS_SIGNED_IN = 'unlessSignedIn'

/**
 * URL at the public host for a visitor of another one whose page needs a session: the login route there leads back to the
 * page who is signed in, and all others to the sign-in page. Undefined at the public host.
 */
export function signInIfNeededAtPublicHost(
  headers: Pick<Headers, 'get'>,
  { returnTo, scope }: SignInHints,
  { otherHosts, publicOrigin, paths }: Pick<Config, 'otherHosts' | 'publicOrigin' | 'paths'>,
): string | undefined {
  if (!isAtOtherHost(headers, { otherHosts })) return undefined
  const hints = Object.entries({ returnTo, scope }).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams({ [CHANGE_HOST]: UNLESS_SIGNED_IN, ...Object.fromEntries(hints) })
  return `${publicOrigin}${paths.prefix}${paths.base}/login?${query}`
}

/** Whether the request is that step, at the public host. */
export function isSignInIfNeeded(
  { url, headers }: Pick<Request, 'url' | 'headers'>,
  { otherHosts }: Pick<Config, 'otherHosts'>,
): boolean {
  const step = new URL(url).searchParams.get(CHANGE_HOST)
  return step === UNLESS_SIGNED_IN && !isAtOtherHost(headers, { otherHosts })
}

/**
 * Where a visitor goes next whom the middleware moves to the public host: first to the login route there, then to the path
 * that they asked for. Undefined when a proxy writes another host into each request: the visitor would go in circles.
 */
export function nextStepToPublicHost(
  { url, headers }: Pick<Request, 'url' | 'headers'>,
  returnTo: string,
  { otherHosts, publicOrigin, paths }: Pick<Config, 'otherHosts' | 'publicOrigin' | 'paths'>,
): string | undefined {
  const step = new URL(url).searchParams.get(CHANGE_HOST)
  if (!isAtOtherHost(headers, { otherHosts })) return returnTo
  const query = new URLSearchParams({ [CHANGE_HOST]: '2', returnTo })
  return step === '1' ? `${publicOrigin}${paths.prefix}${paths.base}/login?${query}` : undefined
}

/**
 * Says once per process why a connection did not begin at another name of this machine. The visitor goes on at the public
 * host, where the application's own cookie is missing: they seem to be signed out.
 */
export function warnOfOtherHost({ publicOrigin, log }: Pick<Config, 'publicOrigin' | 'log'>): void {
  if (!isLoopbackUrl(publicOrigin)) return
  log.warnOnce(
    `An account was to be connected at another address than the public URL: open the application at ${publicOrigin}, and ` +
      'sign in there. A browser sends the cookies of localhost and of 127.0.0.1 only to the one that set them.',
  )
}

const OTHER_PORT = 'A sign-in began at another port'

/**
 * Warns, once per process, of a sign-in on this machine at another port than that of the public URL, to which it returns. It
 * goes on all the same: a proxy on this machine may have changed the port.
 */
export function warnOfOtherPort(
  headers: Pick<Headers, 'get'>,
  { publicOrigin, log }: Pick<Config, 'publicOrigin' | 'log'>,
): void {
  const { logged } = sharedState()
  if (logged.has(OTHER_PORT) || !isLoopbackUrl(publicOrigin)) return
  const url = parseLoopbackHost(headers.get('host'))
  if (url === undefined || url.port === new URL(publicOrigin).port) return
  logged.add(OTHER_PORT)
  const here = url.port === '' ? 'http://127.0.0.1' : `http://127.0.0.1:${url.port}`
  log.warn(
    `A sign-in began at ${url.host}, but returns to the public URL, which is ${publicOrigin}. If this application does not ` +
      `listen there, set PUBLIC_URL to ${here}.`,
  )
}

/** Only for the warning: nothing else is made of what a request says of its host. */
function parseLoopbackHost(host: string | null): URL | undefined {
  if (host === null || !/^[\w.[\]:]+$/.test(host)) return undefined
  const url = URL.parse(`http://${host}`)
  return url && isLoopbackUrl(url.origin) ? url : undefined
}
