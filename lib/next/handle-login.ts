/** `POST /oauth/login`: begins a sign-in. `GET` does so only for the person's own navigation, else it shows the page. */
import 'server-only'
import { AtprotoAuthError } from '../errors.ts'
import { parseIdentifier } from '../identity/syntax.ts'
import { isLoopbackUrl } from '../oauth/client-metadata.ts'
import type { Runtime } from './config.ts'
import { beginFlow } from './flow-cookie.ts'
import { logFailure } from './log.ts'
import { TooManyAttemptsError } from './login-limits.ts'
import { readForm } from './read-form.ts'
import { isFromOwnPage, isOwnNavigation, isSpeculative } from './request-checks.ts'
import { escapeHtml, nothing, page, seeOther } from './respond.ts'
import { safeReturnTo } from './return-to.ts'
import { toSignInErrorCode } from './sign-in-error.ts'
import { signInPage, signInPath } from './sign-in-page.ts'

interface LoginRequest {
  readonly identifier: string
  readonly returnTo: string
}

export async function handleLoginPost(request: Request, runtime: Runtime): Promise<Response> {
  if (!isFromOwnPage(request.headers, runtime.publicUrl)) return refused()
  const form = await readForm(request)
  if (!form) return malformed()
  const login = readLogin(form, runtime)
  return isAtLocalhost(request, runtime) ? toLoopback(login, runtime) : begin(request, login, runtime)
}

export async function handleLoginGet(request: Request, runtime: Runtime): Promise<Response> {
  if (isSpeculative(request)) return nothing()
  const { searchParams } = new URL(request.url)
  const login = readLogin(searchParams, runtime)
  if (isAtLocalhost(request, runtime)) return toLoopback(login, runtime)
  const error = searchParams.get('error') ?? undefined
  // A link on another site must not sign anybody in: servers may answer without asking the person (login CSRF).
  if (login.identifier && !error && isOwnNavigation(request)) return begin(request, login, runtime)
  const { paths } = runtime
  const hints = { ...login, error }
  return paths.signInPage === `${paths.base}/login`
    ? signInPage(paths, hints)
    : seeOther(signInPath(paths, hints))
}

/** Browsers keep the cookies of localhost and 127.0.0.1 apart, and the callback comes to the latter. */
function isAtLocalhost(request: Request, { publicUrl }: Runtime): boolean {
  return isLoopbackUrl(publicUrl) && /^localhost(:|$)/.test(request.headers.get('host') ?? '')
}

function toLoopback(login: LoginRequest, { publicUrl, paths }: Runtime): Response {
  return seeOther(publicUrl + signInPath(paths, login))
}

function readLogin(fields: URLSearchParams, { paths }: Runtime): LoginRequest {
  return {
    identifier: fields.get('identifier')?.trim() ?? '',
    returnTo: safeReturnTo(fields.get('returnTo'), paths.afterSignIn, paths.base),
  }
}

async function begin(request: Request, login: LoginRequest, runtime: Runtime): Promise<Response> {
  const { client, paths } = runtime
  try {
    // The client also takes the address of a server; here, anybody could name one.
    parseIdentifier(login.identifier)
    await runtime.limitLogin({ headers: request.headers, identifier: login.identifier })
    const { url, state } = await client.start(login.identifier, { state: login.returnTo })
    return seeOther(url.href, await beginFlow(request.headers.get('cookie'), state, runtime))
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
    if (error instanceof TooManyAttemptsError) return tooMany(error, signInPath(paths, login))
    logFailure('Sign-in could not begin', error)
    return seeOther(signInPath(paths, { ...login, error: toSignInErrorCode(error) }))
  }
}

function tooMany({ retryAfterS }: TooManyAttemptsError, signIn: string): Response {
  const wait = retryAfterS > 90 ? `${Math.ceil(retryAfterS / 60)} minutes` : `${retryAfterS} s`
  const body = `<p>Sign-in was tried too often. Try again in ${wait}.</p><p><a href="${escapeHtml(signIn)}">Back to sign-in</a></p>`
  const headers = { 'retry-after': String(retryAfterS) }
  return page({ status: 429, title: 'Too many attempts', body, headers })
}

function refused(): Response {
  const body = '<p>This form was not sent from a page of this site. Go to the site and sign in there.</p>'
  return page({ status: 403, title: 'Request refused', body })
}

function malformed(): Response {
  return page({
    status: 400,
    title: 'Not understood',
    body: '<p>A small, URL-encoded form was expected.</p>',
  })
}
