/**
 * `POST /oauth/logout`: signs an account out in this browser; with `everywhere` in all browsers; with `all` every
 * account of this browser.
 */
import 'server-only'
import { setCookieHeader } from '../../web/cookie-header.ts'
import { readForm } from '../../web/form-body.ts'
import { isFromOwnPage } from '../../web/request-checks.ts'
import { page, seeOther } from '../../web/responses.ts'
import { readAccountForm } from '../accounts/account-form.ts'
import { signOutOf } from '../accounts/cookie-accounts.ts'
import { sessionCookieChange } from '../accounts/cookie-changes.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { readReturnTo } from '../config/return-path.ts'
import { logRefusedForm } from '../events/refused-form.ts'

/** @throws StoreUnavailableError when the session could not be removed; the cookie then stays */
export async function handleLogout(request: Request, config: Config): Promise<Response> {
  if (!isFromOwnPage(request.headers, config.publicOrigin)) {
    logRefusedForm(request.headers, config)
    const body = '<p>This form was not sent from a page of this site, so you were not signed out.</p>'
    return page({ status: 403, title: 'Request refused', body })
  }
  const { paths, cookies } = config
  const { returnTo, ...target } = readAccountForm(await readForm(request))
  const cookie = await readSessionCookie(request.headers.get('cookie'), config)
  const remaining = cookie && (await signOutOf(cookie, target, config))
  const change = await sessionCookieChange(remaining, config)
  return seeOther(readReturnTo(returnTo, paths.afterSignOut, config), [setCookieHeader(change, cookies)])
}
