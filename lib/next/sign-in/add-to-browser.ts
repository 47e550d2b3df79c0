/** The session cookie after a sign-in. */
import 'server-only'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { CookieChange } from '../../web/cookie-header.ts'
import { signInsOf } from '../../web/flow-cookie.ts'
import { addAccount, endSession } from '../accounts/cookie-accounts.ts'
import { sessionCookieChange } from '../accounts/cookie-changes.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { afterResponse } from '../process/after-response.ts'

/** The request of a callback. */
interface CallbackRequest {
  readonly cookieHeader: string | null
  readonly oauthState: string
}

/**
 * Adds the account to those of the browser, with those of sign-ins that finished in other tabs meanwhile: their
 * cookie is not in this request yet. Sessions that it replaces end after the response.
 */
export async function addToBrowser(
  session: Pick<OAuthSession, 'id' | 'did'>,
  request: CallbackRequest,
  config: Config,
): Promise<CookieChange> {
  const previous = await readSessionCookie(request.cookieHeader, config)
  const known = new Set([...(previous?.sessionIds ?? []), ...(await finishedElsewhere(request, config))])
  known.delete(session.id)
  const { cookie, replacedIds } = await addAccount([...known], session, config)
  const end = (sessionId: string) =>
    endSession(sessionId, config).catch((error: unknown) => config.log.failure('replaced_session', error))
  if (replacedIds.length > 0) afterResponse(() => Promise.all(replacedIds.map(end)))
  return sessionCookieChange(cookie, config)
}

/** The sessions of this browser's other sign-ins that finished in the last ten minutes. */
async function finishedElsewhere(
  { cookieHeader, oauthState }: CallbackRequest,
  config: Config,
): Promise<readonly string[]> {
  const others = (await signInsOf(cookieHeader, config)).filter((other) => other !== oauthState)
  const sessions = others.map((other) =>
    config.finishedFlows.sessionOf(other).catch((error: unknown) => {
      // Without the store, the account of this sign-in is all that is known.
      config.log.failure('finished_sign_in', error)
      return undefined
    }),
  )
  return (await Promise.all(sessions)).filter((sessionId) => sessionId !== undefined)
}
