/** The session cookie in requests and answers, and the session it names. */
import 'server-only'
import { TokenRevokedError } from '../errors.ts'
import type { OAuthSession } from '../oauth/session.ts'
import type { Runtime } from './config.ts'
import {
  openSessionCookie,
  readCookie,
  type SessionCookie,
  sealSessionCookie,
  sessionCookieName,
  setCookie,
} from './cookie.ts'

/** What the request's session cookie says; undefined when there is none that is ours. */
export async function readSessionCookie(
  cookieHeader: string | null,
  { secrets, cookies }: Runtime,
): Promise<SessionCookie | undefined> {
  const text = readCookie(cookieHeader, sessionCookieName(cookies))
  return text === undefined ? undefined : openSessionCookie(text, secrets)
}

/**
 * The session behind a cookie; null when the store has none that is active.
 *
 * @throws StoreUnavailableError
 */
export async function findSession(cookie: SessionCookie, { client }: Runtime): Promise<OAuthSession | null> {
  try {
    return await client.restore(cookie.did, false, { sessionId: cookie.sessionId })
  } catch (error) {
    if (error instanceof TokenRevokedError) return null
    throw error
  }
}

/**
 * Ends a cookie's session, if there still is one.
 *
 * @throws StoreUnavailableError
 */
export function endSession(cookie: SessionCookie, { client }: Runtime): Promise<void> {
  return client.revoke(cookie.did, { sessionId: cookie.sessionId })
}

/** The `Set-Cookie` value for a session. */
export async function sessionCookie(cookie: SessionCookie, runtime: Runtime): Promise<string> {
  const { secrets, cookies, sessionTtlS } = runtime
  const sealed = await sealSessionCookie(cookie, secrets, sessionTtlS)
  return setCookie(sessionCookieName(cookies), sealed, sessionTtlS, cookies)
}

/** The `Set-Cookie` value that removes the session cookie. */
export function noSessionCookie({ cookies }: Runtime): string {
  return setCookie(sessionCookieName(cookies), '', 0, cookies)
}
