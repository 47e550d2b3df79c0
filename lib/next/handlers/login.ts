/**
 * `POST /oauth/login` starts a sign-in. `GET` starts one only for an account that this browser already has, such as to
 * sign in again or to ask for more scope; otherwise it shows the sign-in page.
 */
import 'server-only'
import { CHANGE_HOST } from '../../config/loopback-hosts.ts'
import { isDid } from '../../identity/syntax.ts'
import type { SessionSummary } from '../../oauth/records/session-summary.ts'
import { setCookieHeader } from '../../web/cookie-header.ts'
import { readForm } from '../../web/form-body.ts'
import { isFromOwnPage, isOwnNavigation, isSpeculative } from '../../web/request-checks.ts'
import { escapeHtml, noContent, page, seeOther } from '../../web/responses.ts'
import { signInPage, signInPageFor, signInPath } from '../../web/sign-in-page.ts'
import { listAccounts, readActiveAccount } from '../accounts/cookie-accounts.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { logRefusedForm } from '../events/refused-form.ts'
import { TooManyAttemptsError } from '../limits/login-limits.ts'
import { withPageQuery } from '../sign-in/page-query.ts'
import { isSignInIfNeeded, nextStepToPublicHost, signInUrlAtPublicHost } from '../sign-in/public-host.ts'
import { logSignInFailure } from '../sign-in/sign-in-failure.ts'
import { readSignInRequest, type SignInRequest } from '../sign-in/sign-in-request.ts'
import { startSignIn } from '../sign-in/start-sign-in.ts'

export async function handleLoginPost(request: Request, config: Config): Promise<Response> {
  if (!isFromOwnPage(request.headers, config.publicOrigin)) return refused(request, config)
  const form = await readForm(request)
  if (!form) return malformed()
  const signIn = readSignInRequest(withPageQuery(form, request.headers, config), config)
  const hints = { ...signIn, error: 'host_changed' }
  const otherUrl = signInUrlAtPublicHost(request.headers, hints, config)
  return otherUrl === undefined ? start(request, signIn, config) : seeOther(otherUrl)
}

export async function handleLoginGet(request: Request, config: Config): Promise<Response> {
  if (isSpeculative(request)) return noContent()
  const { searchParams } = new URL(request.url)
  const signIn = readSignInRequest(searchParams, config)
  const isMoved = isSignInIfNeeded(request, config)
  if (isMoved && (await findAccount(request, config))?.isActive) return seeOther(signIn.returnTo)
  const isMoving = searchParams.has(CHANGE_HOST) && !isMoved
  const otherUrl = isMoving
    ? nextStepToPublicHost(request, signIn.returnTo, config)
    : signInUrlAtPublicHost(request.headers, signIn, config)
  if (otherUrl !== undefined) return seeOther(otherUrl)
  const error = searchParams.get('error') ?? undefined
  if (!error && (await isOwnAccount(signIn.identifier, request, config)))
    return start(request, signIn, config)
  const { paths, signUpHosts } = config
  const hints = { ...signIn, error, errorReference: searchParams.get('errorReference') ?? undefined }
  if (signInPageFor(paths, signIn) !== `${paths.base}/login`) return seeOther(signInPath(paths, hints))
  const account = await findAccount(request, config)
  const isSignedIn = account?.isActive === true
  return signInPage(paths, hints, {
    signUpHosts,
    isSignedIn,
    hasChangedScope: account?.reason === 'scope_changed',
  })
}

/**
 * Whether a page of this application asks for an account that the browser has. A link to any other account must not sign
 * anyone in, wherever it stands: in a text of another user, on another site, or in another program. A server may approve
 * without asking, and the user would be in an account of the attacker (login CSRF).
 */
async function isOwnAccount(identifier: string, request: Request, config: Config): Promise<boolean> {
  if (!isDid(identifier) || !isOwnNavigation(request)) return false
  const cookie = await readSessionCookie(request.headers.get('cookie'), config)
  // In an outage of the store, the form is shown.
  const accounts = cookie && (await listAccounts(cookie, config).catch(() => []))
  return accounts?.some(({ did }) => did === identifier) ?? false
}

async function findAccount({ headers }: Request, config: Config): Promise<SessionSummary | undefined> {
  const cookie = await readSessionCookie(headers.get('cookie'), config)
  // The form works during an outage of the store, and so does its page.
  return cookie && readActiveAccount(cookie, config).catch(() => undefined)
}

async function start(request: Request, signIn: SignInRequest, config: Config): Promise<Response> {
  const { paths } = config
  try {
    const { url, cookies } = await startSignIn(signIn, request.headers, config)
    return seeOther(
      url.href,
      cookies.map((cookie) => setCookieHeader(cookie, config.cookies)),
    )
  } catch (failure) {
    if (failure instanceof TooManyAttemptsError) return tooMany(failure, signInPath(paths, signIn), config)
    const shown = logSignInFailure('sign_in', failure, config)
    return seeOther(signInPath(paths, { ...signIn, ...shown }))
  }
}

function tooMany({ retryAfterS }: TooManyAttemptsError, path: string, { paths }: Config): Response {
  const wait = retryAfterS > 90 ? `${Math.ceil(retryAfterS / 60)} minutes` : `${retryAfterS} s`
  const link = `<a href="${escapeHtml(paths.prefix + path)}">Back to sign-in</a>`
  return page({
    status: 429,
    title: 'Too many attempts',
    body: `<p>Too many sign-in attempts. Try again in ${wait}.</p><p>${link}</p>`,
    headers: { 'retry-after': String(retryAfterS) },
  })
}

function refused({ headers }: Request, config: Config): Response {
  logRefusedForm(headers, config)
  const body = '<p>This form was not sent from a page of this site. Go to the site and sign in there.</p>'
  return page({ status: 403, title: 'Request refused', body })
}

function malformed(): Response {
  const body = '<p>This address expects a small, URL-encoded form.</p>'
  return page({ status: 400, title: 'Bad request', body })
}
