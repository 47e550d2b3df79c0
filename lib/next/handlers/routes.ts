/** The routes of the library: which request goes where, and what a visitor sees when the ground is missing. */
import 'server-only'
import { AtprotoAuthError, ConfigurationError } from '../../errors.ts'
import type { PassThroughOptions } from '../../oauth/session/xrpc-proxy.ts'
import { page, publicJson, withPrefix } from '../../web/responses.ts'
import { sessionCookieName } from '../../web/session-cookie.ts'
import { mendedCookie } from '../accounts/find-session.ts'
import type { Runtime } from '../config/load-config.ts'
import { createLog, type Log } from '../events/log.ts'
import { createGetSession } from '../server/get-session.ts'
import { handleCallback } from './callback.ts'
import { handleLoginGet, handleLoginPost } from './login.ts'
import { handleLogout } from './logout.ts'
import { handleSwitch } from './switch.ts'
import { handleXrpc } from './xrpc.ts'

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
  /**
   * The same routes one by one, for an application that gives each a `route.ts` of its own, as in
   * `app/oauth/login/route.ts`: the paths stay those below `basePath`.
   */
  readonly login: { readonly GET: RouteHandler; readonly POST: RouteHandler }
  readonly callback: { readonly GET: RouteHandler }
  readonly logout: { readonly POST: RouteHandler }
  readonly switch: { readonly POST: RouteHandler }
  /** For `app/oauth/jwks.json/route.ts`. */
  readonly jwks: { readonly GET: RouteHandler }
  /**
   * For `app/xrpc/[nsid]/route.ts`: the listed methods for scripts in the browser, which get no token. 401 without a
   * session; for the rest, as `passThrough`.
   *
   * @example
   * ```ts
   * export const { GET } = auth.handlers.xrpc({
   *   allow: { 'app.bsky.feed.getTimeline': 'GET' },
   *   proxy: 'did:web:api.bsky.app#bsky_appview',
   * })
   * ```
   */
  xrpc(options: PassThroughOptions): { readonly GET: RouteHandler; readonly POST: RouteHandler }
}

const routes: Readonly<Record<string, { readonly GET?: RuntimeHandler; readonly POST?: RuntimeHandler }>> = {
  login: { GET: handleLoginGet, POST: handleLoginPost },
  callback: { GET: handleCallback },
  logout: { POST: handleLogout },
  switch: { POST: handleSwitch },
  'jwks.json': { GET: (_request, { client }) => publicJson(client.jwks) },
}

/** The handlers on a configuration that is resolved when the first request comes. */
export function createHandlers(runtime: () => Promise<Runtime>, log: Log = createLog()): Handlers {
  const getSession = createGetSession(runtime)
  const handle =
    (handler: RuntimeHandler): RouteHandler =>
    (request) =>
      answer(request, handler, { runtime, log })
  return {
    GET: handle((...args) => route('GET', ...args)),
    POST: handle((...args) => route('POST', ...args)),
    clientMetadata: { GET: handle((_request, { client }) => publicJson(client.clientMetadata)) },
    login: { GET: handle(handleLoginGet), POST: handle(handleLoginPost) },
    callback: { GET: handle(handleCallback) },
    logout: { POST: handle(handleLogout) },
    switch: { POST: handle(handleSwitch) },
    jwks: { GET: handle((_request, { client }) => publicJson(client.jwks)) },
    xrpc(options) {
      const call = handle((request) => handleXrpc(request, getSession, options))
      return { GET: call, POST: call }
    },
  }
}

async function route(method: 'GET' | 'POST', request: Request, runtime: Runtime): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/\/$/, '')
  const { prefix, base } = runtime.paths
  const name = path.slice(path.lastIndexOf('/') + 1)
  // Next may have taken its own basePath off. No other way leads here: a proxy's rules would not know it.
  const isOurs = path === `${base}/${name}` || path === `${prefix}${base}/${name}`
  const methods = isOurs && Object.hasOwn(routes, name) ? routes[name] : undefined
  if (!methods)
    return page({ status: 404, title: 'Not found', body: '<p>There is nothing at this address.</p>' })
  const handler = methods[method]
  if (handler) return handler(request, runtime)
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
  { runtime, log }: { readonly runtime: () => Promise<Runtime>; readonly log: Log },
): Promise<Response> {
  // Touched before anything else, so that Next never prerenders an answer of the build's environment; what it throws
  // then is Next's own signal, and no failure.
  void request.headers
  try {
    const resolved = await runtime()
    const response = withPrefix(await handler(request, resolved), resolved.paths.prefix)
    return await mend(request, response, resolved)
  } catch (error) {
    if (error instanceof ConfigurationError) {
      // Known already, unless it took the store to find out.
      log.errorOnce(error.message)
      const body = '<p>Sign-in is not set up on this site yet. Its log says what is missing.</p>'
      return page({ status: 500, title: 'Not set up', body })
    }
    log.failure('request', error)
    if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') {
      const body =
        '<p>Sessions cannot be reached at the moment. Nobody is signed out by that; try again shortly.</p>'
      return page({ status: 503, title: 'Try again shortly', body, headers: { 'retry-after': '5' } })
    }
    const body = '<p>This did not work. Go back and try again.</p>'
    return page({ status: 500, title: 'Something went wrong', body })
  }
}
