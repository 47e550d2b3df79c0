/** `POST /oauth/login`: begins a sign-in. `GET` does so only for the person's own navigation, else it shows the page. */
import 'server-only'
import { isLoopbackUrl } from '../oauth/client-metadata.ts'
import type { Runtime } from './config.ts'
import { FLOW_TTL_S, flowCookieName, sealFlowCookie, setCookie } from './cookie.ts'
import { logFailure } from './log.ts'
import { readForm } from './read-form.ts'
import { isFromOwnPage, isOwnNavigation, isSpeculative } from './request-checks.ts'
import { nothing, page, seeOther } from './respond.ts'
import { safeReturnTo } from './return-to.ts'
import { toSignInErrorCode } from './sign-in-error.ts'
import { signInPage, signInPath } from './sign-in-page.ts'

interface LoginRequest {
  readonly identifier: string
  readonly returnTo: string
}

export async function handleLoginPost(request: Request, runtime: Runtime): Promise<Response> {
  if (!isFromOwnPage(request, runtime.publicUrl)) return refused()
  const form = await readForm(request)
  if (!form) return refused()
  const login = readLogin(form, runtime)

  // Browsers keep the cookies of localhost and 127.0.0.1 apart, and the callback comes to the latter.
  const host = request.headers.get('host')
  if (isLoopbackUrl(runtime.publicUrl) && host?.startsWith('localhost:')) {
    return seeOther(runtime.publicUrl + signInPath(runtime.paths, login))
  }
  return begin(login, runtime)
}

export async function handleLoginGet(request: Request, runtime: Runtime): Promise<Response> {
  if (isSpeculative(request)) return nothing()
  const { searchParams } = new URL(request.url)
  const login = readLogin(searchParams, runtime)
  const error = searchParams.get('error') ?? undefined
  // A link on another site must not sign anybody in: servers may answer without asking the person (login CSRF).
  if (login.identifier && !error && isOwnNavigation(request)) return begin(login, runtime)
  const { paths } = runtime
  const hints = { ...login, error }
  return paths.signInPage === `${paths.base}/login`
    ? signInPage(paths, hints)
    : seeOther(signInPath(paths, hints))
}

function readLogin(fields: URLSearchParams, { paths }: Runtime): LoginRequest {
  return {
    identifier: fields.get('identifier')?.trim() ?? '',
    returnTo: safeReturnTo(fields.get('returnTo'), paths.afterSignIn),
  }
}

async function begin(login: LoginRequest, runtime: Runtime): Promise<Response> {
  const { client, secrets, isSecure, paths } = runtime
  try {
    const { url, state } = await client.start(login.identifier, { state: login.returnTo })
    const name = await flowCookieName(state, isSecure)
    const cookie = setCookie(name, await sealFlowCookie(state, secrets), isSecure, FLOW_TTL_S)
    return seeOther(url.href, [cookie])
  } catch (error) {
    logFailure('Sign-in could not begin', error)
    return seeOther(signInPath(paths, { ...login, error: toSignInErrorCode(error) }))
  }
}

function refused(): Response {
  return page({
    status: 403,
    title: 'Request refused',
    body: '<p>This form was not sent from a page of this site. Open the sign-in page and try again.</p>',
  })
}
