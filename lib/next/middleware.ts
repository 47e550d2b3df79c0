/**
 * Public entry `next-atproto-auth/middleware`: redirects visitors who are not signed in to the sign-in page before a
 * page renders. It checks the cookie only, not the store: a session may have ended. Access control is
 * `requireSession()` in the page. Runs on the edge: it imports no `node:` module and no store.
 */

import { type NextFetchEvent, type NextMiddleware, type NextRequest, NextResponse } from 'next/server.js'
import { CHANGE_HOST, otherLoopbackHosts } from '../config/loopback-hosts.ts'
import { METADATA_PATH } from '../config/paths.ts'
import { parseSecrets, type Secrets } from '../config/secrets.ts'
import { sha256Async } from '../crypto/derive.ts'
import { cookieSettings, readSessionValues } from '../web/cookie-header.ts'
import { looksLikeSeal } from '../web/cookie-seal.ts'
import { createPathMatcher, type PathPattern } from '../web/path-pattern.ts'
import { withoutRsc } from '../web/return-to.ts'
import { createSessionCookieCache, openSessionCookie } from '../web/session-cookie.ts'

export type { PathPattern }

export interface AuthMiddlewareOptions {
  /** Paths that require a sign-in. */
  readonly protect: readonly PathPattern[]
  /**
   * Paths that stay public although `protect` matches them; default none. The sign-in page, the handlers and the client
   * metadata are always public.
   */
  readonly except?: readonly PathPattern[]
  /** As in `createAtprotoAuth`: path of the sign-in page; default `/oauth/login`, a plain page of the handlers. */
  readonly signInPage?: string
  /** As in `createAtprotoAuth`: path where the handlers are mounted; default `/oauth`. */
  readonly basePath?: string
  /**
   * Responds to a visitor who is not signed in. `signIn` is a copy of the request's URL that leads to the sign-in page,
   * with `returnTo`; it may be changed. If no response is returned, the visitor is redirected to it.
   */
  readonly onSignedOut?: (
    request: NextRequest,
    signIn: NextRequest['nextUrl'],
  ) => Response | undefined | Promise<Response | undefined>
}

type Answer = Promise<Response | undefined>

/**
 * A middleware for `export default` in `middleware.ts`, or in `proxy.ts` since Next.js 16. Redirects visitors who are
 * not signed in to the sign-in page (307) and sets no cookies or headers. All other requests pass, also those that are
 * neither GET nor HEAD: server actions have to check the session themselves.
 *
 * If `PUBLIC_URL` is a loopback address, as in development, visitors at another loopback name such as `localhost` are
 * redirected to the same page at that address, which has their cookies.
 *
 * @param next a middleware to run when the request passes, such as next-intl's; its response is returned unchanged
 * @throws TypeError for a pattern that is not understood, and would therefore protect nothing
 * @example
 * ```ts
 * export default authMiddleware({ protect: ['/compose', '/account/:path*'], signInPage: '/sign-in' })
 * export const config = { matcher: ['/compose', '/account/:path*'] }
 * ```
 */
export function authMiddleware(options: AuthMiddlewareOptions): (request: NextRequest) => Answer
export function authMiddleware(
  options: AuthMiddlewareOptions,
  next: NextMiddleware,
): (request: NextRequest, event: NextFetchEvent) => Answer
export function authMiddleware(
  options: AuthMiddlewareOptions,
  next?: NextMiddleware,
): (request: NextRequest, event: NextFetchEvent) => Answer {
  const { basePath = '/oauth', signInPage = `${basePath}/login`, onSignedOut, except = [] } = options
  const isProtected = createPathMatcher(options.protect, 'protect')
  const isExcepted = createPathMatcher(except, 'except')
  // An application that protects every path still needs these to be public.
  const isForSignIn = createPathMatcher(
    [signInPage, `${basePath}/:path*`, METADATA_PATH],
    'signInPage or basePath',
  )
  const isPublic = (path: string) => !isProtected(path) || isExcepted(path) || isForSignIn(path)

  return async (request, event) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const passes = !isRead || isPublic(request.nextUrl.pathname) || (await looksSignedIn(request))
    if (passes) return (await next?.(request, event)) ?? undefined
    const move = isAtOtherHost(request) ? moveUrl(request, `${basePath}/login`) : undefined
    const isScript = request.headers.get('sec-fetch-dest') === 'empty'
    // The cookie of the public host says who is signed in. A script may not be able to follow there.
    if (move && !isScript) return redirectTo(move)
    const signIn = signInUrl(request, signInPage)
    return (await onSignedOut?.(request, signIn)) ?? redirectTo(move ?? signIn)
  }
}

export { authMiddleware as authProxy }

/** Whether a loopback application was reached by another loopback name, which has none of its cookies. */
function isAtOtherHost({ headers }: NextRequest): boolean {
  const publicUrl = loopbackUrl()
  return publicUrl !== null && otherLoopbackHosts(publicUrl).includes(headers.get('host') ?? '')
}

/** Where the login route moves the visitor on to the public host, on Next.js 16 from localhost. Never from the Host header. */
function moveUrl(request: NextRequest, loginPath: string): NextRequest['nextUrl'] {
  const url = signInUrl(request, loginPath)
  url.searchParams.set(CHANGE_HOST, '1')
  return url
}

/** Made from a copy of Next's URL, which keeps Next's `basePath` and `trailingSlash`. */
function signInUrl({ nextUrl, headers }: NextRequest, signInPage: string): NextRequest['nextUrl'] {
  const url = nextUrl.clone()
  const publicUrl = URL.parse(process.env.PUBLIC_URL ?? '')
  // Bound to 127.0.0.1 behind a TLS proxy, Next 15 would redirect to https://localhost.
  if (publicUrl?.protocol === 'https:') {
    const { protocol, hostname, port } = publicUrl
    Object.assign(url, { protocol, hostname, port })
  }
  url.pathname = signInPage
  const query = new URLSearchParams({ returnTo: nextUrl.pathname + withoutRsc(nextUrl.search) })
  // Next.js answers its router's request for the bare address with a redirect that browsers may keep, and for Back they
  // would show its target, which has a parameter `_rsc`. With that parameter, the router's address is another one.
  if (headers.get('sec-fetch-dest') === 'empty') query.set('_rsc', '1')
  url.search = query.toString()
  return url
}

function redirectTo(url: NextRequest['nextUrl']): Response {
  const headers = { 'cache-control': 'private, no-store', location: locationOf(url) }
  // Not `NextResponse.redirect()`, which writes the host in another spelling again.
  return new NextResponse(null, { status: 307, headers })
}

/**
 * Next writes `localhost` for each loopback address of a request, and Next 15 also in `Location`, where it sends browsers to
 * a host that has none of the cookies. It knows the usual spelling of an address only; every URL parser reads both alike.
 */
const spellings: ReadonlyMap<string, string> = new Map([
  ['127.0.0.1', '127.1'],
  ['[::1]', '[0::1]'],
])

/** The URL as text, at the address of the public URL if that is a loopback address. Next.js 16 makes it relative. */
function locationOf(url: NextRequest['nextUrl']): string {
  const publicUrl = loopbackUrl()
  const isPublic = url.protocol === 'http:' && url.hostname === 'localhost' && url.port === publicUrl?.port
  const spelling = isPublic && spellings.get(publicUrl.hostname)
  return spelling ? String(url).replace('//localhost', `//${spelling}`) : String(url)
}

/** The public URL if it is a loopback address, by the rule of the configuration: never from the Host header. */
function loopbackUrl(): URL | null {
  // Written out: Next replaces these names while it builds.
  const port = process.env.PORT || '3000'
  const fallback = process.env.NODE_ENV === 'development' ? `http://127.0.0.1:${port}` : ''
  const url = URL.parse(process.env.PUBLIC_URL || fallback)
  return url?.protocol === 'http:' && spellings.has(url.hostname) ? url : null
}

async function looksSignedIn({ headers, nextUrl }: NextRequest): Promise<boolean> {
  // Without the configuration both names are possible. The Host header is not trusted for anything else.
  const origins = ['https://host', `http://${headers.get('host')}`].filter((origin) => URL.canParse(origin))
  const value = origins
    .map((origin) => readSessionValues(headers.get('cookie'), cookieSettings(origin + nextUrl.basePath)))
    .find(({ length }) => length === 1)?.[0]
  if (value === undefined || !looksLikeSeal(value)) return false
  // An edge function may have no secrets. Then only the form is checked, and the page decides.
  const secrets = currentSecrets()
  if (!secrets) return true
  try {
    return (await openSessionCookie(value, secrets, cookieCache)) !== undefined
  } catch {
    // An error here would make the site unreachable for this visitor; treat the cookie as signed out instead.
    return false
  }
}

const cookieCache = createSessionCookieCache(sha256Async)

let parsed: { readonly text: string | undefined; readonly secrets: Secrets | undefined } | undefined

/** The same object while the variable is the same, because derived keys are cached by it. */
function currentSecrets(): Secrets | undefined {
  const text = process.env.ATPROTO_SECRET
  if (parsed === undefined || parsed.text !== text) parsed = { text, secrets: parseSecrets(text) }
  return parsed.secrets
}
