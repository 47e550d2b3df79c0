/** `GET /oauth/callback`: the browser comes back from the authorization server. */
import 'server-only'
import { after } from 'next/server.js'
import { AtprotoAuthError, OAuthCallbackError } from '../errors.ts'
import { parseCallback } from '../oauth/callback.ts'
import type { Runtime } from './config.ts'
import { flowCookieName, isFlowCookieOf, readCookie, setCookie } from './cookie.ts'
import { logFailure } from './log.ts'
import { isSpeculative } from './request-checks.ts'
import { nothing, seeOther } from './respond.ts'
import { safeReturnTo } from './return-to.ts'
import { endSession, readSessionCookie, sessionCookie } from './session-cookie.ts'
import { toSignInErrorCode } from './sign-in-error.ts'
import { signInPath } from './sign-in-page.ts'

export async function handleCallback(request: Request, runtime: Runtime): Promise<Response> {
  if (isSpeculative(request)) return nothing()
  const { client, paths, isSecure } = runtime
  const params = new URL(request.url).searchParams
  try {
    const { state } = parseCallback(params)
    // Before the state is used up: a stranger with the URL alone can neither finish nor spoil the sign-in.
    await checkBrowser(request, params, state, runtime)
    const result = await client.callback(params)
    await replaceSession(request, runtime)
    const { session } = result
    const cookie = await sessionCookie({ did: session.did, sessionId: session.id }, runtime)
    return seeOther(safeReturnTo(result.state, paths.afterSignIn), [
      cookie,
      await noFlowCookie(params, isSecure),
    ])
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
    logFailure('Sign-in could not be finished', error)
    const returnTo = error instanceof OAuthCallbackError ? error.state : undefined
    const location = signInPath(paths, { error: toSignInErrorCode(error), returnTo })
    return seeOther(location, [await noFlowCookie(params, isSecure)])
  }
}

async function checkBrowser(
  request: Request,
  params: URLSearchParams,
  state: string,
  { secrets, isSecure }: Runtime,
): Promise<void> {
  const text = readCookie(request.headers.get('cookie'), await flowCookieName(state, isSecure))
  if (text !== undefined && (await isFlowCookieOf(state, text, secrets))) return
  throw new OAuthCallbackError('state_mismatch', 'The callback came to a browser that did not begin it.', {
    params,
  })
}

/** Removes the cookie of this sign-in, which is over either way. */
async function noFlowCookie(params: URLSearchParams, isSecure: boolean): Promise<string> {
  return setCookie(await flowCookieName(params.get('state') ?? '', isSecure), '', isSecure, 0)
}

/** One account per browser: the session that was signed in here before ends, without holding anybody up. */
async function replaceSession(request: Request, runtime: Runtime): Promise<void> {
  const previous = await readSessionCookie(request.headers.get('cookie'), runtime)
  if (!previous) return
  after(() =>
    endSession(previous, runtime).catch((error: unknown) =>
      logFailure('The previous session was not ended', error),
    ),
  )
}
