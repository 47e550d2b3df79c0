/** The session of the request at hand, in server components, route handlers and server actions. */
import 'server-only'
import { headers } from 'next/headers.js'
// Without the suffix of its neighbours: Next replaces this very name by the server's version.
import { redirect } from 'next/navigation'
import type { OAuthSession } from '../oauth/session.ts'
import type { Runtime } from './config.ts'
import { safeReturnTo } from './return-to.ts'
import { findSession, readSessionCookie } from './session-cookie.ts'
import { signInPath } from './sign-in-page.ts'

/**
 * Makes a `getSession` that asks cookie and store once per request, however many components call it. React's
 * `cache()` would do so in components only; the headers object is one and the same all through a request.
 */
export function createGetSession(runtime: () => Promise<Runtime>): () => Promise<OAuthSession | null> {
  const known = new WeakMap<object, Promise<OAuthSession | null>>()
  return async () => {
    // First of all and outside any try: this is how Next learns that a page depends on the request.
    const requestHeaders = await headers()
    const session = known.get(requestHeaders) ?? lookUp(requestHeaders.get('cookie'), runtime)
    known.set(requestHeaders, session)
    // A server action that signs out renders its page in the same request.
    return (await session)?.isEnded ? null : session
  }
}

async function lookUp(
  cookieHeader: string | null,
  runtime: () => Promise<Runtime>,
): Promise<OAuthSession | null> {
  const resolved = await runtime()
  const cookie = await readSessionCookie(cookieHeader, resolved)
  return cookie ? findSession(cookie, resolved) : null
}

/** The session, or a redirect to the sign-in page that leads back to `returnTo`. */
export async function requireSession(
  getSession: () => Promise<OAuthSession | null>,
  runtime: () => Promise<Runtime>,
  returnTo: string | undefined,
): Promise<OAuthSession> {
  const session = await getSession()
  if (session) return session
  const { paths } = await runtime()
  redirect(signInPath(paths, { returnTo: safeReturnTo(returnTo, paths.afterSignIn, paths.base) }))
}
