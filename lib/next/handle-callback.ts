/** `GET /oauth/callback`: the browser comes back from the authorization server. */
import 'server-only'
import { after } from 'next/server.js'
import { AtprotoAuthError, OAuthCallbackError } from '../errors.ts'
import { parseCallback } from '../oauth/callback.ts'
import type { Runtime } from './config.ts'
import { endFlow, hasBegunFlow } from './flow-cookie.ts'
import { logFailure } from './log.ts'
import { isSpeculative } from './request-checks.ts'
import { nothing, seeOther } from './respond.ts'
import { safeReturnTo } from './return-to.ts'
import { endSession, readSessionCookie, sessionCookie } from './session-cookie.ts'
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
    const result = await client.callback(params)
    await replaceSession(cookieHeader, runtime)
    const { session } = result
    const cookie = await sessionCookie({ did: session.did, sessionId: session.id }, runtime)
    return seeOther(safeReturnTo(result.state, paths.afterSignIn, paths.base), [cookie, ...flowOver])
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
    logFailure('Sign-in could not be finished', error)
    const returnTo = error instanceof OAuthCallbackError ? error.state : undefined
    return seeOther(signInPath(paths, { error: toSignInErrorCode(error), returnTo }), flowOver)
  }
}

/** One account per browser: the session that was signed in here before ends, without holding anybody up. */
async function replaceSession(cookieHeader: string | null, runtime: Runtime): Promise<void> {
  const previous = await readSessionCookie(cookieHeader, runtime)
  if (!previous) return
  after(() =>
    endSession(previous, runtime).catch((error: unknown) =>
      logFailure('The previous session was not ended', error),
    ),
  )
}
