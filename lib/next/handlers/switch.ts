/** `POST /oauth/switch`: makes another account of this browser the active one. */
import 'server-only'
import { setCookieHeader } from '../../web/cookie-header.ts'
import { readForm } from '../../web/form-body.ts'
import { isFromOwnPage } from '../../web/request-checks.ts'
import { page, seeOther } from '../../web/responses.ts'
import { readAccountForm } from '../accounts/account-form.ts'
import { switchTo } from '../accounts/cookie-accounts.ts'
import { sessionCookieChange } from '../accounts/cookie-changes.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { readReturnTo } from '../config/return-path.ts'
import { logRefusedForm } from '../events/refused-form.ts'

/** @throws StoreUnavailableError; the cookie then stays */
export async function handleSwitch(request: Request, config: Config): Promise<Response> {
  if (!isFromOwnPage(request.headers, config.publicOrigin)) {
    logRefusedForm(request.headers, config)
    return refused('This form was not sent from a page of this site, so nothing was changed.')
  }
  const { paths, cookies } = config
  const { did = '', returnTo } = readAccountForm(await readForm(request))
  const cookie = await readSessionCookie(request.headers.get('cookie'), config)
  const switched = cookie && (await switchTo(cookie, did, config))
  if (!switched) return refused('That account is not signed in in this browser. Sign in with it first.')
  const change = await sessionCookieChange(switched, config)
  return seeOther(readReturnTo(returnTo, paths.afterSignIn, config), [setCookieHeader(change, cookies)])
}

function refused(reason: string): Response {
  return page({ status: 403, title: 'Request refused', body: `<p>${reason}</p>` })
}
