/** `POST /oauth/switch`: makes another account of this browser the active one. */
import 'server-only'
import { readForm } from '../../web/form-body.ts'
import { isFromOwnPage } from '../../web/request-checks.ts'
import { page, seeOther } from '../../web/responses.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import { readSessionCookie, sessionCookie } from '../accounts/find-session.ts'
import { readAccountForm } from '../accounts/account-form.ts'
import { switchTo } from '../accounts/cookie-accounts.ts'
import type { Runtime } from '../config/load-config.ts'

/** @throws StoreUnavailableError; the cookie then stays */
export async function handleSwitch(request: Request, runtime: Runtime): Promise<Response> {
  if (!isFromOwnPage(request.headers, runtime.publicUrl)) {
    return refused('This form was not sent from a page of this site, so nothing was changed.')
  }
  const { paths } = runtime
  const { did = '', returnTo } = readAccountForm(await readForm(request))
  const cookie = await readSessionCookie(request.headers.get('cookie'), runtime)
  const switched = cookie && (await switchTo(cookie, did, runtime))
  if (!switched) return refused('That account is not signed in in this browser. Sign in with it first.')
  return seeOther(safeReturnTo(returnTo, paths.afterSignIn, paths.base), [
    await sessionCookie(switched, runtime),
  ])
}

function refused(why: string): Response {
  return page({ status: 403, title: 'Request refused', body: `<p>${why}</p>` })
}
