/** The routes of the library: which request goes where, and what a visitor sees when the ground is missing. */
import 'server-only'
import { AtprotoAuthError, ConfigurationError } from '../errors.ts'
import type { Runtime } from './config.ts'
import { sessionCookieName } from './cookie.ts'
import { handleCallback } from './handle-callback.ts'
import { handleLoginGet, handleLoginPost } from './handle-login.ts'
import { handleLogout } from './handle-logout.ts'
import { handleSwitch } from './handle-switch.ts'
import { logFailure, logOnce } from './log.ts'
import { page, publicJson, withPrefix } from './respond.ts'
import { mendedCookie } from './session-cookie.ts'

type RouteHandler = (request: Request) => Promise<Response>
type RuntimeHandler = (request: Request, runtime: Runtime) => Response | Promise<Response>

/** Route handlers; each `GET` and `POST` is exported from a `route.ts` as it is. */
export interface Handlers {
  /** For `app/oauth/[...atproto]/route.ts`: login page, callback and public keys. */
  readonly GET: RouteHandler
  /** For the same route: login, logout and the change to another account of the browser. */
  readonly POST: RouteHandler
  /** For `app/oauth-client-metadata.json/route.ts`, whose URL is the client_id. */
  readonly clientMetadata: { readonly GET: RouteHandler }
}

const routes: Readonly<Record<string, { readonly GET?: RuntimeHandler; readonly POST?: RuntimeHandler }>> = {
  login: { GET: handleLoginGet, POST: handleLoginPost },
  callback: { GET: handleCallback },
  logout: { POST: handleLogout },
  switch: { POST: handleSwitch },
  'jwks.json': { GET: (_request, { client }) => publicJson(client.jwks) },
}

/** The handlers on a configuration that is resolved when the first request comes. */
export function createHandlers(runtime: () => Promise<Runtime>): Handlers {
  return {
    GET: (request) => answer(request, (...args) => route('GET', ...args), runtime),
    POST: (request) => answer(request, (...args) => route('POST', ...args), runtime),
    clientMetadata: {
      GET: (request) => answer(request, (_request, { client }) => publicJson(client.clientMetadata), runtime),
    },
  }
}

async function route(method: 'GET' | 'POST', request: Request, runtime: Runtime): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/\/$/, '')
  const { base } = runtime.paths
  const name = path.slice(path.lastIndexOf('/') + 1)
  const methods = path.endsWith(`${base}/${name}`) && Object.hasOwn(routes, name) ? routes[name] : undefined
  if (!methods)
    return page({ status: 404, title: 'Not found', body: '<p>There is nothing at this address.</p>' })
  const handler = methods[method]
  if (handler) {
    const response = withPrefix(await handler(request, runtime), runtime.paths.prefix)
    return mend(request, response, runtime)
  }
  const headers = { allow: methods.GET ? 'GET, HEAD' : 'POST' }
  const body = '<p>This address takes another kind of request.</p>'
  return page({ status: 405, title: 'Not like this', body, headers })
}

/** Puts the session cookie in order on the way out, on answers that no cache keeps. */
async function mend(request: Request, response: Response, runtime: Runtime): Promise<Response> {
  const { status, headers } = response
  if (status === 204 || headers.get('cache-control') !== 'private, no-store') return response
  const name = sessionCookieName(runtime.cookies)
  if (headers.getSetCookie().some((cookie) => cookie.startsWith(`${name}=`))) return response
  const mended = await mendedCookie(request.headers.get('cookie'), runtime)
  if (mended !== undefined) headers.append('set-cookie', mended)
  return response
}

/** No failure shows more than its kind: the log has the rest. */
async function answer(
  request: Request,
  handler: RuntimeHandler,
  runtime: () => Promise<Runtime>,
): Promise<Response> {
  // Touched before anything else, so that Next never prerenders an answer of the build's environment; what it throws
  // then is Next's own signal, and no failure.
  void request.headers
  try {
    return await handler(request, await runtime())
  } catch (error) {
    if (error instanceof ConfigurationError) {
      // Known already, unless it took the store to find out.
      logOnce('error', error.message)
      const body = '<p>Sign-in is not set up on this site yet. Its log says what is missing.</p>'
      return page({ status: 500, title: 'Not set up', body })
    }
    logFailure('A request failed', error)
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') {
      const body =
        '<p>Sessions cannot be reached at the moment. Nobody is signed out by that; try again shortly.</p>'
      return page({ status: 503, title: 'Try again shortly', body, headers: { 'retry-after': '5' } })
    }
    const body = '<p>This did not work. Go back and try again.</p>'
    return page({ status: 500, title: 'Something went wrong', body })
  }
}
