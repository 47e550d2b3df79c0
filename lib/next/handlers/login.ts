/** `POST /oauth/login`: begins a sign-in. `GET` does so only for the person's own navigation, else it shows the page. */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import { setCookies } from '../../web/flow-cookie.ts'
import { readForm } from '../../web/form-body.ts'
import { isFromOwnPage, isOwnNavigation, isSpeculative } from '../../web/request-checks.ts'
import { escapeHtml, nothing, page, seeOther } from '../../web/responses.ts'
import { toSignInErrorCode } from '../../web/sign-in-error.ts'
import { signInPage, signInPath } from '../../web/sign-in-page.ts'
import type { Runtime } from '../config/load-config.ts'
import { TooManyAttemptsError } from '../limits/login-limits.ts'
import { beginSignIn, isAtOtherHost } from '../sign-in/start-sign-in.ts'
import { type LoginRequest, readFields, readLogin } from '../sign-in/sign-in-request.ts'

export async function handleLoginPost(request: Request, runtime: Runtime): Promise<Response> {
  if (!isFromOwnPage(request.headers, runtime.publicUrl)) return refused()
  const form = await readForm(request)
  if (!form) return malformed()
  const login = readLogin(readFields(form), runtime)
  return isAtOtherHost(request.headers, runtime)
    ? toPublicUrl(login, runtime)
    : begin(request, login, runtime)
}

export async function handleLoginGet(request: Request, runtime: Runtime): Promise<Response> {
  if (isSpeculative(request)) return nothing()
  const { searchParams } = new URL(request.url)
  const login = readLogin(readFields(searchParams), runtime)
  if (isAtOtherHost(request.headers, runtime)) return toPublicUrl(login, runtime)
  const error = searchParams.get('error') ?? undefined
  // A link on another site must not sign anybody in: servers may answer without asking the person (login CSRF).
  if (login.identifier && !error && isOwnNavigation(request)) return begin(request, login, runtime)
  const { paths, signUpHosts } = runtime
  const hints = { ...login, error }
  return paths.signInPage === `${paths.base}/login`
    ? signInPage(paths, hints, signUpHosts)
    : seeOther(signInPath(paths, hints))
}

/** Browsers keep the cookies of two hosts apart, and the callback comes to the public one. */
function toPublicUrl(login: LoginRequest, { publicUrl, paths }: Runtime): Response {
  return seeOther(publicUrl + paths.prefix + signInPath(paths, login))
}

async function begin(request: Request, login: LoginRequest, runtime: Runtime): Promise<Response> {
  const { paths } = runtime
  try {
    const { url, cookies } = await beginSignIn(login, request.headers, runtime)
    return seeOther(url.href, setCookies(cookies, runtime))
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
    if (error instanceof TooManyAttemptsError) return tooMany(error, paths.prefix + signInPath(paths, login))
    runtime.log.failure('sign_in', error)
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
