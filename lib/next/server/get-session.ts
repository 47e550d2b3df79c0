/** The session of the current request, in server components, route handlers and server actions. */
import 'server-only'
// Without the suffix `.js`, unlike other imports of Next: Next replaces exactly this name by the server's version.
import { redirect } from 'next/navigation'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { signInPath } from '../../web/sign-in-page.ts'
import { findSession, openSessionCookieValue } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { readReturnTo } from '../config/return-path.ts'
import { signInIfNeededAtPublicHost } from '../sign-in/public-host.ts'
import { upgradedScope } from '../sign-in/scope-upgrade.ts'
import { readCurrentRequest, resealInAction, sessionCookieValue } from './current-request.ts'
import { redirectTo } from './redirect.ts'
import { readRequestContext } from './request-context.ts'
import { readSessionStatus, type SessionStatus } from './session-status.ts'

interface Lookup {
  readonly cookieValue: string | undefined
  readonly session: Promise<OAuthSession | null>
}

/**
 * Creates a `getSession` that opens the cookie and reads the store once per request, however many components call it.
 * React's `cache()` works in components only; the headers object is the same everywhere in a request. A cookie that was
 * set in this request is looked up again.
 */
export function createGetSession(loadConfig: () => Promise<Config>): () => Promise<OAuthSession | null> {
  const lookups = new WeakMap<object, Lookup>()
  return async () => {
    const request = await readCurrentRequest()
    const config = await loadConfig()
    const cookieValue = sessionCookieValue(request, config)
    const previous = lookups.get(request.headers)
    const found =
      previous && previous.cookieValue === cookieValue ? previous.session : lookUp(cookieValue, config)
    lookups.set(request.headers, { cookieValue, session: found })
    const session = await found
    if (await resealInAction(request, config))
      lookups.set(request.headers, { cookieValue: sessionCookieValue(request, config), session: found })
    // A server action that signs out renders its page in the same request.
    return session?.isEnded ? null : session
  }
}

async function lookUp(cookieValue: string | undefined, config: Config): Promise<OAuthSession | null> {
  const cookie = await openSessionCookieValue(cookieValue, config)
  return cookie ? findSession(cookie, config) : null
}

export interface RequireSessionOptions {
  /** Path of this application to return to; default the option `afterSignIn`. */
  readonly returnTo?: string | undefined
  /** What the session must allow, e.g. `repo:app.bsky.feed.post?action=create`; checked as by `session.can`. */
  readonly scope?: string | undefined
}

/** `AtprotoAuth.requireSession`. */
export async function requireSession(
  getSession: () => Promise<OAuthSession | null>,
  loadConfig: () => Promise<Config>,
  { returnTo, scope }: RequireSessionOptions,
): Promise<OAuthSession> {
  const session = await getSession()
  if (session && (scope === undefined || session.can(scope))) return session
  const config = await loadConfig()
  const { paths, scopes } = config
  const neededScope = scope === undefined ? undefined : upgradedScope(session?.scope ?? '', scope, scopes)
  // The sign-in page gets the scope too. Otherwise the user would have to sign in twice.
  const hints = { returnTo: readReturnTo(returnTo, paths.afterSignIn, config), scope: neededScope }
  const { headers } = await readCurrentRequest()
  const otherUrl = signInIfNeededAtPublicHost(headers, hints, config)
  if (otherUrl !== undefined) redirect(otherUrl)
  if (!session || neededScope === undefined) {
    const status = await getSessionStatus(loadConfig)
    // Whose session has ended does not have to type their account again.
    const identifier = status.kind === 'reauth_required' ? status.did : undefined
    redirectTo(signInPath(paths, { ...hints, identifier }), config)
  }
  const query = new URLSearchParams({
    identifier: session.did,
    returnTo: hints.returnTo,
    scope: neededScope,
  })
  redirectTo(`${paths.base}/login?${query}`, config)
}

/** `AtprotoAuth.getSessionStatus`. Reads the row at each call, because a session may end while a page renders. */
export async function getSessionStatus(loadConfig: () => Promise<Config>): Promise<SessionStatus> {
  const { cookie, config } = await readRequestContext(loadConfig)
  return readSessionStatus(cookie, config)
}
