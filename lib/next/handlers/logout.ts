/**
 * `POST /oauth/logout`: ends a session here and at the authorization server; with `everywhere`, all of the account's;
 * with `all`, one of each account of this browser.
 */
import 'server-only'
import { readForm } from '../../web/form-body.ts'
import { isFromOwnPage } from '../../web/request-checks.ts'
import { page, seeOther } from '../../web/responses.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import { readSessionCookie, sessionCookie } from '../accounts/find-session.ts'
import { readAccountForm } from '../accounts/account-form.ts'
import { signOutOf } from '../accounts/cookie-accounts.ts'
import type { Runtime } from '../config/load-config.ts'

/** @throws StoreUnavailableError when the session could not be removed; the cookie then stays */
export async function handleLogout(request: Request, runtime: Runtime): Promise<Response> {
  if (!isFromOwnPage(request.headers, runtime.publicUrl)) {
    const body = '<p>This form was not sent from a page of this site, so nobody was signed out.</p>'
    return page({ status: 403, title: 'Request refused', body })
  }
  const { paths } = runtime
  const { returnTo, ...target } = readAccountForm(await readForm(request))
  const cookie = await readSessionCookie(request.headers.get('cookie'), runtime)
  const left = cookie && (await signOutOf(cookie, target, runtime))
  return seeOther(safeReturnTo(returnTo, paths.afterSignOut, paths.base), [
    await sessionCookie(left, runtime),
  ])
}
