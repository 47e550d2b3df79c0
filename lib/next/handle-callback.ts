/** `GET /oauth/callback`: the browser comes back from the authorization server. */
import 'server-only'
import { AtprotoAuthError, OAuthCallbackError } from '../errors.ts'
import { parseCallback } from '../oauth/callback.ts'
import type { OAuthSession } from '../oauth/session.ts'
import { addAccount, endSession } from './accounts.ts'
import { afterResponse } from './after-response.ts'
import type { Runtime } from './config.ts'
import { describeUserAgent } from './device-label.ts'
import { endFlow, hasBegunFlow } from './flow-cookie.ts'
import { logFailure } from './log.ts'
import { isSpeculative } from './request-checks.ts'
import { nothing, seeOther } from './respond.ts'
import { safeReturnTo } from './return-to.ts'
import { readSessionCookie, sessionCookie } from './session-cookie.ts'
import { toSignInErrorCode } from './sign-in-error.ts'
import { signInPath } from './sign-in-page.ts'

export async function handleCallback(request: Request, runtime: Runtime): Promise<Response> {
  if (isSpeculative(request)) return nothing()
  const { client, paths } = runtime
  const params = new URL(request.url).searchParams
  const cookieHeader = request.headers.get('cookie')
  // The sign-in is over either way, but for a store that fails: then the same URL may be tried again.
  const flowOver = await endFlow(cookieHeader, params.get('state') ?? '', runtime)
  try {
    // Before the state is used up: a stranger with the URL alone can neither finish nor spoil the sign-in.
    const { state } = parseCallback(params)
    if (!(await hasBegunFlow(cookieHeader, state, runtime))) {
      throw new OAuthCallbackError(
        'state_mismatch',
        'The callback came to a browser that did not begin it.',
        { params },
      )
    }
    const label = describeUserAgent(request.headers.get('user-agent'))
    const result = await client.callback(params, { label })
    const cookie = await enter(result.session, cookieHeader, runtime)
    return seeOther(safeReturnTo(result.state, paths.afterSignIn, paths.base), [cookie, ...flowOver])
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
    logFailure('Sign-in could not be finished', error)
    const returnTo = error instanceof OAuthCallbackError ? error.state : undefined
    return seeOther(signInPath(paths, { error: toSignInErrorCode(error), returnTo }), flowOver)
  }
}

/** Adds the account to those of the browser; sessions that give way end without holding anybody up. */
async function enter(session: OAuthSession, cookieHeader: string | null, runtime: Runtime): Promise<string> {
  const previous = await readSessionCookie(cookieHeader, runtime)
  const { cookie, replaced } = await addAccount(previous, session, runtime)
  const end = (sessionId: string) =>
    endSession(sessionId, runtime).catch((error: unknown) =>
      logFailure('A session that was replaced was not ended', error),
    )
  if (replaced.length > 0) afterResponse(() => Promise.all(replaced.map(end)))
  return sessionCookie(cookie, runtime)
}
