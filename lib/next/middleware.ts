/**
 * Public entry `next-atproto-auth/middleware`: the guard that sends strangers to the sign-in page before a page
 * renders. It is a courtesy, not the lock: it says "looks signed in", and the page's own `requireSession()` asks
 * the store. Edge-safe: its imports reach no node: module and no store.
 */

import { type NextFetchEvent, type NextMiddleware, type NextRequest, NextResponse } from 'next/server.js'
import { METADATA_PATH } from '../config/paths.ts'
import { parseSecrets, type Secrets } from '../config/secrets.ts'
import { sha256 } from '../crypto/derive.ts'
import { createCookieMemo } from '../web/opened-cookies.ts'
import { createPathMatcher, type PathPattern } from '../web/path-pattern.ts'
import {
  cookieScope,
  looksLikeSeal,
  openSessionCookie,
  readCookie,
  type SessionCookieMemo,
  sessionCookieName,
} from '../web/session-cookie.ts'

export type { PathPattern }

export interface AuthMiddlewareOptions {
  /** Guarded paths. */
  readonly protect: readonly PathPattern[]
  /**
   * Paths that stay open although `protect` takes them in; default none. The sign-in page, the handlers and the client
   * metadata always do.
   */
  readonly except?: readonly PathPattern[]
  /** As in `createAtprotoAuth`: the sign-in page; default the handlers' own plain one. */
  readonly signInPage?: string
  /** As in `createAtprotoAuth`: the path under which the handlers are mounted; default `/oauth`. */
  readonly basePath?: string
  /**
   * Answers a stranger in place of the redirect, which goes to `signIn`: a copy of the request's URL with the sign-in
   * page and the way back, to be changed at will. Without an answer the redirect goes there.
   */
  readonly onSignedOut?: (
    request: NextRequest,
    signIn: NextRequest['nextUrl'],
  ) => Response | undefined | Promise<Response | undefined>
}

type Answer = Promise<Response | undefined>

/**
 * The guard, for `export default` in `middleware.ts` or Next 16's `proxy.ts`. It answers strangers with a redirect
 * to the sign-in page (307) and sets no cookie and no header of its own; all others pass, and so does every request
 * that is neither GET nor HEAD: server actions answer for themselves.
 *
 * @param next a middleware that runs when the guard lets pass, such as next-intl's; its answer stays as it is
 * @throws TypeError for a pattern that would guard nothing
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
  // Whoever protects everything still wants people to be able to sign in.
  const isOurs = createPathMatcher(
    [signInPage, `${basePath}/:path*`, METADATA_PATH],
    'signInPage or basePath',
  )
  const isOpen = (path: string) => isExcepted(path) || isOurs(path)

  return async (request, event) => {
    const { pathname } = request.nextUrl
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const isGuarded = isRead && isProtected(pathname) && !isOpen(pathname)
    if (!isGuarded || (await looksSignedIn(request))) return (await next?.(request, event)) ?? undefined
    const signIn = signInUrl(request, signInPage)
    return (await onSignedOut?.(request, signIn)) ?? sendTo(signIn)
  }
}

export { authMiddleware as authProxy }

/** A copy of Next's own URL: its basePath, and its slash at the end, come with it. */
function signInUrl({ nextUrl }: NextRequest, signInPage: string): NextRequest['nextUrl'] {
  const url = nextUrl.clone()
  const publicUrl = URL.parse(process.env.PUBLIC_URL ?? '')
  // Bound to 127.0.0.1 behind a TLS front, Next 15 would redirect to https://localhost.
  if (publicUrl?.protocol === 'https:') {
    const { protocol, hostname, port } = publicUrl
    Object.assign(url, { protocol, hostname, port })
  }
  url.pathname = signInPage
  url.search = new URLSearchParams({ returnTo: nextUrl.pathname + nextUrl.search }).toString()
  return url
}

function sendTo(url: NextRequest['nextUrl']): Response {
  return NextResponse.redirect(url, { status: 307, headers: { 'cache-control': 'private, no-store' } })
}

async function looksSignedIn({ headers, nextUrl }: NextRequest): Promise<boolean> {
  // Both names are tried, because the guard knows no configuration; the Host is believed for no more than that.
  const origins = ['https://host', `http://${headers.get('host')}`].filter((origin) => URL.canParse(origin))
  const names = origins.map((origin) => sessionCookieName(cookieScope(origin + nextUrl.basePath)))
  const text = names
    .map((name) => readCookie(headers.get('cookie'), name))
    .find((value) => value !== undefined)
  if (text === undefined || !looksLikeSeal(text)) return false
  // An edge function may have no secrets; then the form has to do, and the page decides.
  const secrets = readSecrets()
  if (!secrets) return true
  try {
    return (await openSessionCookie(text, secrets, opened)) !== undefined
  } catch {
    // A guard that throws is a site that is down: an odd cookie means signed out.
    return false
  }
}

const opened: SessionCookieMemo = createCookieMemo(sha256)

let known: { readonly text: string | undefined; readonly secrets: Secrets | undefined } | undefined

/** The same list for the same text: the keys derived from it are kept with it. */
function readSecrets(): Secrets | undefined {
  const text = process.env.ATPROTO_SECRET
  if (known === undefined || known.text !== text) known = { text, secrets: parseSecrets(text) }
  return known.secrets
}
