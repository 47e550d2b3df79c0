/** `GET /oauth/callback`: the browser returns from the authorization server. */
import 'server-only'
import { AtprotoAuthError, OAuthCallbackError } from '../../errors.ts'
import { missingScopes } from '../../oauth/scope/compare.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { parseCallback, shownParams } from '../../oauth/sign-in/callback-parameters.ts'
import { type CookieChange, setCookieHeader } from '../../web/cookie-header.ts'
import { describeUserAgent } from '../../web/device-label.ts'
import { endFlow, type FlowKind, findFlow, hasOtherFlow, keepFinishedFlow } from '../../web/flow-cookie.ts'
import { isSpeculative } from '../../web/request-checks.ts'
import { noContent, seeOther } from '../../web/responses.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import { type SignInHints, signInPath } from '../../web/sign-in-page.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { FINISHED_TTL_S, type FinishedFlow, type Turn } from '../limits/finished-flows.ts'
import { addToBrowser, completeBrowser } from '../sign-in/add-to-browser.ts'
import { type AppState, decodeAppState } from '../sign-in/app-state.ts'
import { connectPath, finishConnection, requireConnect } from '../sign-in/connections.ts'
import { logSignInFailure, type ShownFailure } from '../sign-in/sign-in-failure.ts'

/** @throws AtprotoAuthError `store_unavailable`: no cookie is changed, and the same URL can be tried again */
export async function handleCallback(request: Request, config: Config): Promise<Response> {
  if (isSpeculative(request)) return noContent()
  const params = new URL(request.url).searchParams
  const cookieHeader = request.headers.get('cookie')
  const redirect = ({ path, cookies }: Answer) =>
    seeOther(
      path,
      cookies.map((cookie) => setCookieHeader(cookie, config.cookies)),
    )
  try {
    return redirect(await answerCallback(request.headers, params, config))
  } catch (failure) {
    const appState = failure instanceof OAuthCallbackError ? decodeAppState(failure.state) : undefined
    const activity = appState?.link === undefined ? 'callback' : 'connect_callback'
    const shown = logSignInFailure(activity, failure, config)
    const upgrade = await deniedUpgrade(failure, appState, { cookieHeader, config })
    // The sign-in is over, and its cookie is removed.
    const cookies = await endFlow(cookieHeader, params.get('state') ?? '', config)
    return redirect({ path: failurePath(appState, { ...shown, ...upgrade }, config), cookies })
  }
}

interface Answer {
  readonly path: string
  readonly cookies: readonly CookieChange[]
}

interface Callback {
  readonly headers: Headers
  readonly params: URLSearchParams
  readonly oauthState: string
  readonly kind: FlowKind
  /** Undefined when another request has it. */
  readonly turn: Turn | undefined
}

/** Finishes what this browser began; a browser that asks again gets the answer of its first request. */
async function answerCallback(headers: Headers, params: URLSearchParams, config: Config): Promise<Answer> {
  const { finishedFlows } = config
  const { state: oauthState } = parseCallback(params)
  // Before the state is used up: someone who has only the URL can neither finish the sign-in nor invalidate it.
  const kind = await findFlow(headers.get('cookie'), oauthState, config)
  if (kind === undefined) throw mismatch('This browser did not start the sign-in.', params)
  const turn = await finishedFlows.begin(oauthState)
  const callback = { headers, params, oauthState, kind, turn }
  const earlier = turn === undefined ? await finishedFlows.find(params) : undefined
  if (earlier) return repeatAnswer(earlier, callback, config)
  try {
    const answer = await finish(callback, config)
    config.secretCheck?.onSignIn()
    return answer
  } catch (failure) {
    const isUsedUp = failure instanceof OAuthCallbackError && failure.code === 'state_unknown'
    const before = isUsedUp ? await finishedFlows.find(params, turn) : undefined
    if (before) return repeatAnswer(before, callback, config)
    await abandon(callback, config)
    throw failure
  }
}

async function finish(callback: Callback, config: Config): Promise<Answer> {
  const { headers, params, oauthState, kind } = callback
  const cookieHeader = headers.get('cookie')
  const { session, appState } = await exchange(callback, config)
  const keep = () => keepFinishedFlow(cookieHeader, oauthState, { ...config, kind, ttlS: FINISHED_TTL_S })
  const { link } = appState
  if (link !== undefined) {
    await finishConnection({ session, appState, link }, config)
    await remember(callback, { path: appState.returnTo }, config)
    return { path: appState.returnTo, cookies: await keep() }
  }
  const path = nextPath(session, appState, config)
  await notifySignIn(session, appState, config)
  const isKept = await remember(callback, { path, sessionId: session.id }, config)
  const cookie = await addToBrowser(session, cookieHeader, config)
  // Another tab may finish in the same moment, and one of the two cookies replaces the other: so the browser asks again,
  // with both.
  const asksAgain = isKept && (await hasOtherFlow(cookieHeader, oauthState, config))
  return {
    path: asksAgain ? `${config.paths.base}/callback?${params}` : path,
    cookies: [cookie, ...(await keep())],
  }
}

/** Whether the answer can be given a second time. The sign-in is complete in any case. */
async function remember(callback: Callback, flow: FinishedFlow, config: Config): Promise<boolean> {
  try {
    await config.finishedFlows.finish(callback.params, flow)
    return true
  } catch (error) {
    config.log.failure('finished_sign_in', error)
    await abandon(callback, config)
    return false
  }
}

async function abandon({ oauthState, turn }: Callback, { finishedFlows }: Config): Promise<void> {
  // When the store is down, the lease ends by itself.
  if (turn !== undefined) await finishedFlows.abandon(oauthState, turn).catch(() => undefined)
}

/** The redirect again, with the session cookie if that lacks something that this browser has signed in to. */
async function repeatAnswer(
  { path, sessionId }: FinishedFlow,
  { headers }: Callback,
  config: Config,
): Promise<Answer> {
  const cookie =
    sessionId === undefined ? undefined : await completeBrowser(sessionId, headers.get('cookie'), config)
  return { path, cookies: cookie ? [cookie] : [] }
}

/** What the page says, and what stands in its field if it is not what was entered. */
type FailureHints = ShownFailure & Pick<SignInHints, 'identifier'>

/** A connection that failed is shown on the page that began it, if that is known. */
function failurePath(appState: AppState | undefined, hints: FailureHints, { paths }: Config): string {
  const { error, errorReference } = hints
  if (appState?.link !== undefined) return connectPath({ returnTo: appState.returnTo, error, errorReference })
  // After another account came back, the person enters their account again.
  const identifier = error === 'account_mismatch' ? undefined : appState?.identifier
  const { returnTo, scope, scripts } = appState ?? {}
  return signInPath(paths, { returnTo, scope, scripts, identifier, ...hints })
}

interface SignedIn {
  readonly session: OAuthSession
  readonly appState: AppState
}

async function exchange({ headers, params, kind }: Callback, config: Config): Promise<SignedIn> {
  const { client, paths } = config
  const isConnection = kind === 'connection'
  if (isConnection) requireConnect(config)
  const label = describeUserAgent(headers.get('user-agent'))
  const { session, state } = await client.callback(params, { label, isConnection })
  const { returnTo, scope, scripts, link } = decodeAppState(state) ?? {}
  // Cookie and row have to agree: a sign-in never becomes a connection, nor a connection a sign-in.
  if (isConnection !== (link !== undefined)) {
    await session.signOut()
    throw mismatch('The flow cookie does not fit what was begun.', params)
  }
  return {
    session,
    appState: { returnTo: safeReturnTo(returnTo, paths.afterSignIn, paths.base), scope, scripts, link },
  }
}

function mismatch(message: string, params: URLSearchParams): OAuthCallbackError {
  return new OAuthCallbackError('state_mismatch', message, { params: shownParams(params) })
}

/**
 * Where the browser goes next. It does not return to a page whose scope was not granted: the page would ask again, and
 * a server that remembers the answer would deny it again, in a loop.
 */
function nextPath(session: OAuthSession, { returnTo, scope, scripts }: AppState, { paths }: Config): string {
  if (scope === undefined || missingScopes(scope, session.scope).length === 0) return returnTo
  return signInPath(paths, { error: 'scope_missing', identifier: session.did, returnTo, scope, scripts })
}

/**
 * What the sign-in page shows instead of `access_denied` when a signed-in user does not grant the further permission that
 * a page asked for: the account is still signed in, so "the sign-in was not completed" would be wrong.
 */
async function deniedUpgrade(
  failure: unknown,
  appState: AppState | undefined,
  { cookieHeader, config }: { readonly cookieHeader: string | null; readonly config: Config },
): Promise<Omit<FailureHints, 'errorReference'> | undefined> {
  if (!(failure instanceof OAuthCallbackError) || failure.code !== 'access_denied') return undefined
  if (appState?.scope === undefined || failure.did === undefined) return undefined
  const cookie = await readSessionCookie(cookieHeader, config)
  return cookie?.did === failure.did ? { error: 'scope_missing', identifier: failure.did } : undefined
}

/** Calls the hook `onSignIn` before the browser is signed in, because the hook may refuse. */
async function notifySignIn(
  session: OAuthSession,
  { returnTo }: AppState,
  { hooks, log }: Config,
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
