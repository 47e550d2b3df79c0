/** `GET /oauth/callback`: the browser comes back from the authorization server. */
import 'server-only'
import { AtprotoAuthError, OAuthCallbackError } from '../../errors.ts'
import { missingScopes } from '../../oauth/scope/compare.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { parseCallback } from '../../oauth/sign-in/callback.ts'
import { describeUserAgent } from '../../web/device-label.ts'
import { endFlow, hasBegunFlow, setCookies } from '../../web/flow-cookie.ts'
import { isSpeculative } from '../../web/request-checks.ts'
import { nothing, seeOther } from '../../web/responses.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import { toSignInErrorCode } from '../../web/sign-in-error.ts'
import { signInPath } from '../../web/sign-in-page.ts'
import { readSessionCookie, sessionCookie } from '../accounts/find-session.ts'
import { addAccount, endSession } from '../accounts/cookie-accounts.ts'
import type { Runtime } from '../config/load-config.ts'
import { afterResponse } from '../process/after-response.ts'
import { type FlowState, readFlowState } from '../sign-in/app-state.ts'

export async function handleCallback(request: Request, runtime: Runtime): Promise<Response> {
  if (isSpeculative(request)) return nothing()
  const params = new URL(request.url).searchParams
  const cookieHeader = request.headers.get('cookie')
  // The sign-in is over either way, but for a store that fails: then the same URL may be tried again.
  const over = setCookies(await endFlow(cookieHeader, params.get('state') ?? '', runtime), runtime)
  try {
    const { session, flow } = await finish(request, params, runtime)
    const next = nextPath(session, flow, runtime)
    await welcome(session, flow, runtime)
    return seeOther(next, [await enter(session, cookieHeader, runtime), ...over])
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
    runtime.log.failure('callback', error)
    const flow = error instanceof OAuthCallbackError ? readFlowState(error.state) : undefined
    return seeOther(signInPath(runtime.paths, { ...flow, error: toSignInErrorCode(error) }), over)
  }
}

interface Finished {
  readonly session: OAuthSession
  readonly flow: FlowState
}

async function finish(request: Request, params: URLSearchParams, runtime: Runtime): Promise<Finished> {
  const { client, paths } = runtime
  const { headers } = request
  // Before the state is used up: a stranger with the URL alone can neither finish nor spoil the sign-in.
  const { state: flowId } = parseCallback(params)
  if (!(await hasBegunFlow(headers.get('cookie'), flowId, runtime))) {
    throw new OAuthCallbackError('state_mismatch', 'The callback came to a browser that did not begin it.', {
      params,
    })
  }
  const { session, state } = await client.callback(params, {
    label: describeUserAgent(headers.get('user-agent')),
  })
  const { returnTo, scope } = readFlowState(state) ?? {}
  return { session, flow: { returnTo: safeReturnTo(returnTo, paths.afterSignIn, paths.base), scope } }
}

/** A page that asked for more than it got would only ask again, and a server that knows the answer give it, forever. */
function nextPath(session: OAuthSession, { returnTo, scope }: FlowState, { paths }: Runtime): string {
  if (scope === undefined || missingScopes(scope, session.scope).length === 0) return returnTo
  return signInPath(paths, { error: 'scope_missing', identifier: session.did, returnTo, scope })
}

/** Lets the application know, before the browser is told: it may refuse. */
async function welcome(
  session: OAuthSession,
  { returnTo }: FlowState,
  { hooks, log }: Runtime,
): Promise<void> {
  try {
    await hooks.onSignIn?.({ did: session.did, session, returnTo })
  } catch (cause) {
    log.failure('hook', cause)
    await session.signOut()
    throw new AtprotoAuthError('sign_in_refused', 'The hook onSignIn threw; the session was ended.', {
      cause,
    })
  }
}

/** Adds the account to those of the browser; sessions that give way end without holding anybody up. */
async function enter(session: OAuthSession, cookieHeader: string | null, runtime: Runtime): Promise<string> {
  const previous = await readSessionCookie(cookieHeader, runtime)
  const { cookie, replaced } = await addAccount(previous, session, runtime)
  const end = (sessionId: string) =>
    endSession(sessionId, runtime).catch((error: unknown) => runtime.log.failure('replaced_session', error))
  if (replaced.length > 0) afterResponse(() => Promise.all(replaced.map(end)))
  return sessionCookie(cookie, runtime)
}
