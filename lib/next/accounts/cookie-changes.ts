/** What happens to a browser's session cookie: set, removed, or sealed again after a change of the secret. */
import 'server-only'
import { type CookieChange, readCookieValues } from '../../web/cookie-header.ts'
import { isSealedWithNewestSecret, type SessionCookie, sealSessionCookie } from '../../web/session-cookie.ts'
import type { Config } from '../config/load-config.ts'
import { readActiveAccount } from './cookie-accounts.ts'
import { openSessionCookieValue } from './find-session.ts'

type CookieConfig = Pick<Config, 'cookies' | 'secrets' | 'secretCheck' | 'log' | 'sessionTtlS'>

/** Sets the session cookie to these accounts; removes it when there are none. */
export async function sessionCookieChange(
  cookie: SessionCookie | undefined,
  { cookies, secrets, sessionTtlS }: CookieConfig,
): Promise<CookieChange> {
  if (!cookie) return { name: cookies.sessionName, value: '', maxAgeS: 0 }
  const value = await sealSessionCookie(cookie, secrets, sessionTtlS)
  return { name: cookies.sessionName, value, maxAgeS: sessionTtlS }
}

/**
 * Puts a browser's session cookie in order: one that was sealed with an older secret is sealed again, and two cookies
 * of the name are removed, because one of them is not ours. Undefined when nothing has to change.
 *
 * @param values what the browser sent under the cookie's name
 */
export async function resealedCookie(
  values: readonly string[],
  config: CookieConfig,
): Promise<CookieChange | undefined> {
  const [value, ...more] = values
  if (value === undefined) return undefined
  if (more.length > 0) return sessionCookieChange(undefined, config)
  const cookie = await openSessionCookieValue(value, config)
  if (!cookie || (await isSealedWithNewestSecret(value, config.secrets))) return undefined
  return sessionCookieChange(cookie, config)
}

/**
 * Gives a browser's session cookie its present name, if it has only one under the former name. That name may be the one
 * of another application on the host, with the same secret: so its session has to be one of this application.
 */
export async function renamedCookie(
  cookieHeader: string | null,
  config: CookieConfig & Pick<Config, 'client' | 'formerSessions'>,
): Promise<readonly CookieChange[]> {
  const { sessionName, formerSessionName } = config.cookies
  if (formerSessionName === undefined || readCookieValues(cookieHeader, sessionName).length > 0) return []
  const [value, ...more] = readCookieValues(cookieHeader, formerSessionName)
  const cookie = more.length === 0 ? await openSessionCookieValue(value, config) : undefined
  // An outage is no reason to fail: the next response does it.
  const account = cookie && (await readActiveAccount(cookie, config).catch(() => undefined))
  if (!account) return []
  return [await sessionCookieChange(cookie, config), { name: formerSessionName, value: '', maxAgeS: 0 }]
}
