/** The session cookie in requests and answers, and the session it names. */
import 'server-only'
import { TokenRevokedError } from '../../errors.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import {
  hasNewestSeal,
  openSessionCookie,
  readCookie,
  readCookies,
  type SessionCookie,
  sealSessionCookie,
  sessionCookieName,
  setCookie,
} from '../../web/session-cookie.ts'
import type { Runtime } from '../config/load-config.ts'
import { processState } from '../process/shared-state.ts'

/** What the request's session cookie says; undefined when there is none that is ours. */
export async function readSessionCookie(
  cookieHeader: string | null,
  runtime: Runtime,
): Promise<SessionCookie | undefined> {
  return openCookieText(readCookie(cookieHeader, sessionCookieName(runtime.cookies)), runtime)
}

/** What a session cookie of that text says; undefined when it is none of ours. */
export async function openCookieText(
  text: string | undefined,
  { secrets }: Runtime,
): Promise<SessionCookie | undefined> {
  return text === undefined ? undefined : openSessionCookie(text, secrets, processState().sessionCookies)
}

/**
 * The session behind a cookie; null when the store has none that is active.
 *
 * @throws StoreUnavailableError
 */
export async function findSession(cookie: SessionCookie, { client }: Runtime): Promise<OAuthSession | null> {
  const { did, sessionIds } = cookie
  try {
    return await client.restore(did, false, { sessionId: sessionIds[0] })
  } catch (error) {
    if (error instanceof TokenRevokedError) return null
    throw error
  }
}

/** The text of a session cookie. */
export function sealCookie(cookie: SessionCookie, { secrets, sessionTtlS }: Runtime): Promise<string> {
  return sealSessionCookie(cookie, secrets, sessionTtlS)
}

/** The `Set-Cookie` value for these accounts; without any, the one that removes the session cookie. */
export async function sessionCookie(cookie: SessionCookie | undefined, runtime: Runtime): Promise<string> {
  const { cookies, sessionTtlS } = runtime
  const name = sessionCookieName(cookies)
  if (!cookie) return setCookie(name, '', 0, cookies)
  return setCookie(name, await sealCookie(cookie, runtime), sessionTtlS, cookies)
}

/**
 * The `Set-Cookie` value that puts a browser's cookie in order: one that was sealed with an older secret is sealed
 * anew, two of the name are removed. Undefined when it is in order.
 */
export async function mendedCookie(
  cookieHeader: string | null,
  runtime: Runtime,
): Promise<string | undefined> {
  const [text, ...more] = readCookies(cookieHeader, sessionCookieName(runtime.cookies))
  if (text === undefined) return undefined
  if (more.length > 0) return sessionCookie(undefined, runtime)
  const cookie = await openCookieText(text, runtime)
  if (!cookie || (await hasNewestSeal(text, runtime.secrets))) return undefined
  return sessionCookie(cookie, runtime)
}
