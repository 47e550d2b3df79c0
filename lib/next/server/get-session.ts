/** The session of the request at hand, in server components, route handlers and server actions. */
import 'server-only'
// Without the suffix of its neighbours: Next replaces this very name by the server's version.
import { redirect } from 'next/navigation'
import type { ReauthReason } from '../../oauth/records/records.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import { signInPath } from '../../web/sign-in-page.ts'
import { findSession, openCookieText } from '../accounts/find-session.ts'
import { readActiveAccount } from '../accounts/cookie-accounts.ts'
import type { Runtime } from '../config/load-config.ts'
import { isAtOtherHost } from '../sign-in/start-sign-in.ts'
import { upgradedScope } from '../sign-in/scope-upgrade.ts'
import { mendRequestCookie, readRequest, readRequestCookie } from './current-request.ts'
import { redirectTo } from './redirect.ts'

/** Whether somebody is signed in. `reauth_required`: somebody was, and the server wants a new sign-in. */
export type SessionStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'active'; readonly did: string }
  | { readonly kind: 'reauth_required'; readonly did: string; readonly reason: ReauthReason }

interface Known {
  readonly text: string | undefined
  readonly session: Promise<OAuthSession | null>
}

/**
 * Makes a `getSession` that asks cookie and store once per request, however many components call it. React's
 * `cache()` would do so in components only; the headers object is one and the same all through a request. A cookie
 * that was set meanwhile is another question.
 */
export function createGetSession(runtime: () => Promise<Runtime>): () => Promise<OAuthSession | null> {
  const known = new WeakMap<object, Known>()
  return async () => {
    const request = await readRequest()
    const resolved = await runtime()
    const { text } = readRequestCookie(request, resolved)
    const before = known.get(request.headers)
    const found = before && before.text === text ? before.session : lookUp(text, resolved)
    known.set(request.headers, { text, session: found })
    const session = await found
    if (await mendRequestCookie(request, resolved)) {
      known.set(request.headers, { text: readRequestCookie(request, resolved).text, session: found })
    }
    // A server action that signs out renders its page in the same request.
    return session?.isEnded ? null : session
  }
}

async function lookUp(text: string | undefined, runtime: Runtime): Promise<OAuthSession | null> {
  const cookie = await openCookieText(text, runtime)
  return cookie ? findSession(cookie, runtime) : null
}

export interface RequireSessionOptions {
  /** Path of this application to come back to; default the option `afterSignIn`. */
  readonly returnTo?: string | undefined
  /** What the session has to be allowed, e.g. `repo:app.bsky.feed.post?action=create`; judged as `session.can` does. */
  readonly scope?: string | undefined
}

/** The session, or a redirect to where one with what is needed can be had, that leads back to `returnTo`. */
export async function requireSession(
  getSession: () => Promise<OAuthSession | null>,
  runtime: () => Promise<Runtime>,
  { returnTo, scope }: RequireSessionOptions,
): Promise<OAuthSession> {
  const session = await getSession()
  if (session && (scope === undefined || session.can(scope))) return session
  const resolved = await runtime()
  const { paths, scopes } = resolved
  const back = safeReturnTo(returnTo, paths.afterSignIn, paths.base)
  const wanted = scope === undefined ? undefined : upgradedScope(session?.scope ?? '', scope, scopes)
  // A stranger takes the wish along: asked for after the sign-in, it would take a second one.
  const signIn = signInPath(paths, { returnTo: back, scope: wanted })
  const { headers } = await readRequest()
  if (isAtOtherHost(headers, resolved)) redirect(resolved.publicUrl + paths.prefix + signIn)
  if (!session || wanted === undefined) redirectTo(signIn, resolved)
  const query = new URLSearchParams({ identifier: session.did, returnTo: back, scope: wanted })
  redirectTo(`${paths.base}/login?${query}`, resolved)
}

/** Reads the row anew each time: a session may have ended since the page began. */
export async function getSessionStatus(runtime: () => Promise<Runtime>): Promise<SessionStatus> {
  const request = await readRequest()
  const resolved = await runtime()
  const cookie = await openCookieText(readRequestCookie(request, resolved).text, resolved)
  const account = cookie && (await readActiveAccount(cookie, resolved))
  if (!account) return { kind: 'none' }
  const { did, reason } = account
  return reason === undefined ? { kind: 'active', did } : { kind: 'reauth_required', did, reason }
}
