/**
 * Public entry `next-atproto-auth/middleware`: the guard that sends strangers to the sign-in page before a page
 * renders. It is a courtesy, not the lock: it says "looks signed in", and the page's own `requireSession()` asks
 * the store. Edge-safe: its imports reach no node: module and no store.
 */
import { type NextRequest, NextResponse } from 'next/server.js'
import { sha256 } from '../crypto/derive.ts'
import {
  cookieScope,
  looksLikeSeal,
  openSessionCookie,
  parseSecrets,
  readCookie,
  type Secrets,
  type SessionCookieMemo,
  sessionCookieName,
} from './cookie.ts'
import { createCookieMemo } from './cookie-memo.ts'

export interface AuthMiddlewareOptions {
  /** Guarded paths: `/compose` is that page alone, `/account/:path*` also everything below. */
  readonly protect: readonly string[]
  /** The sign-in page; default `/oauth/login`, the plain one of the handlers. */
  readonly signInPage?: string
}

/** The guard, for `export default` in `middleware.ts`; it sets no cookie and no header of its own. */
export function authMiddleware(
  options: AuthMiddlewareOptions,
): (request: NextRequest) => Promise<NextResponse | undefined> {
  const signInPage = options.signInPage ?? '/oauth/login'
  const guarded = options.protect.map(toMatcher)

  return async (request) => {
    const { pathname, search } = request.nextUrl
    // Server actions are POSTs to the page's own path: the action answers for itself.
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    if (!guarded.some((matches) => matches(pathname))) return undefined
    if (await looksSignedIn(request.headers)) return undefined
    const url = request.nextUrl.clone()
    url.pathname = signInPage
    url.search = new URLSearchParams({ returnTo: pathname + search }).toString()
    return NextResponse.redirect(seenFromOutside(url, request.headers), {
      status: 307,
      headers: { 'cache-control': 'private, no-store' },
    })
  }
}

/** Next 16's word for the same function: `export const proxy = authProxy({ … })` in `proxy.ts`. */
export { authMiddleware as authProxy }

/**
 * Next 15 calls whatever loopback address it listens on `localhost`, and would send the visitors of an application
 * behind a proxy to it. Next 16 makes the address relative by itself.
 */
function seenFromOutside(url: NextRequest['nextUrl'], headers: Headers): URL | NextRequest['nextUrl'] {
  const publicUrl = process.env.PUBLIC_URL ?? ''
  if (url.hostname !== 'localhost' || !URL.canParse(publicUrl)) return url
  // No more than where the visitor is already: a request that came past the proxy stays there.
  const isThere = headers.get('host') === new URL(publicUrl).host
  return isThere ? new URL(url.href.slice(url.origin.length), publicUrl) : url
}

function toMatcher(pattern: string): (pathname: string) => boolean {
  const [base = '', ...rest] = pattern.split('/:path*')
  if (!base.startsWith('/') || base.includes(':') || rest.some((tail) => tail !== '')) {
    throw new TypeError(`protect: ${pattern} is neither a path nor a path with /:path* behind it`)
  }
  if (rest.length === 0) return (pathname) => pathname === base
  return (pathname) => pathname === base || pathname.startsWith(`${base}/`)
}

async function looksSignedIn(headers: Headers): Promise<boolean> {
  // Both names are tried, because the guard knows no configuration; the Host is believed for no more than that.
  const origins = ['https://host', `http://${headers.get('host')}`].filter((origin) => URL.canParse(origin))
  const names = origins.map((origin) => sessionCookieName(cookieScope(origin)))
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
