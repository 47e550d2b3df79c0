/** From a request's session cookie to the session that it names. */
import 'server-only'
import { ConfigurationError, TokenRevokedError } from '../../errors.ts'
import { isConnectionId } from '../../oauth/records/connection-id.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { readSessionValues } from '../../web/cookie-header.ts'
import { looksLikeSeal } from '../../web/cookie-seal.ts'
import { openSessionCookie, type SessionCookie } from '../../web/session-cookie.ts'
import type { Config } from '../config/load-config.ts'
import { isDevelopment } from '../config/next-mode.ts'
import { sharedState } from '../process/shared-state.ts'

/**
 * What the session cookie of a `Cookie` header holds; undefined if it is missing, was not sealed here, or occurs twice.
 */
export async function readSessionCookie(
  cookieHeader: string | null,
  config: Pick<Config, 'cookies' | 'secrets' | 'secretCheck' | 'log'>,
): Promise<SessionCookie | undefined> {
  const [value, ...more] = readSessionValues(cookieHeader, config.cookies)
  return openSessionCookieValue(more.length === 0 ? value : undefined, config)
}

/**
 * What a session cookie's value holds; undefined if it is missing or was not sealed here, or names a connection, which
 * no browser has.
 */
export async function openSessionCookieValue(
  value: string | undefined,
  { secrets, secretCheck, log }: Pick<Config, 'secrets' | 'secretCheck' | 'log'>,
): Promise<SessionCookie | undefined> {
  if (value === undefined) return undefined
  const cookie = await openSessionCookie(value, secrets, sharedState().sessionCookies)
  if (!cookie && looksLikeSeal(value)) {
    // In production anyone could have it said, by a cookie of the form.
    if (isDevelopment()) log.warnOnce(UNOPENED)
    else secretCheck?.onUnopenedCookie()
  }
  return cookie?.sessionIds.some(isConnectionId) ? undefined : cookie
}

const UNOPENED =
  'A session cookie could not be opened, so its user seems signed out. The secret is not the one that it was sealed with, ' +
  'another application at this port set it, or it has expired. This is said once, and in development only.'

/**
 * The session of a cookie's active account; null when the store has no usable one.
 *
 * @throws StoreUnavailableError
 */
export async function findSession(
  cookie: SessionCookie,
  { client }: Pick<Config, 'client'>,
): Promise<OAuthSession | null> {
  const { did, sessionIds } = cookie
  // Finding a session makes no request: the first call to the PDS refreshes the tokens when they need it.
  const refresh = false
  try {
    return await client.restore(did, refresh, { sessionId: sessionIds[0] })
  } catch (error) {
    if (error instanceof TokenRevokedError) return null
    // For its user it is over. The client has told the operator.
    if (error instanceof ConfigurationError && error.unopenedSession) return null
    throw error
  }
}
