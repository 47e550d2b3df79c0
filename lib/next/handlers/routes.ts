/** The library's routes: which request goes to which handler, and what a visitor sees when something fails. */
import 'server-only'
import { ConfigurationError } from '../../errors.ts'
import type { PassThroughOptions } from '../../oauth/session/xrpc-proxy.ts'
import { readCookieValues, setCookieHeader } from '../../web/cookie-header.ts'
import { page, publicJson, referenceLine, withPrefix } from '../../web/responses.ts'
import { renamedCookie, resealedCookie } from '../accounts/cookie-changes.ts'
import type { Config } from '../config/load-config.ts'
import { createLog, type Log } from '../events/log.ts'
import { createGetSession } from '../server/get-session.ts'
import { isStoreFailure } from '../sign-in/sign-in-failure.ts'
import { handleCallback } from './callback.ts'
import { handleLoginGet, handleLoginPost } from './login.ts'
import { handleLogout } from './logout.ts'
import { notSetUpPage } from './not-set-up.ts'
import { handleSession } from './session.ts'
import { handleSwitch } from './switch.ts'
import { handleXrpc } from './xrpc.ts'

type RouteHandler = (request: Request) => Promise<Response>
/** A handler of this library, which also takes the configuration. */
type ConfiguredHandler = (request: Request, config: Config) => Response | Promise<Response>

/** Route handlers; a `route.ts` exports their `GET` and `POST` unchanged. */
export interface Handlers {
  /** For `app/oauth/[...atproto]/route.ts`: sign-in page, callback, session status and public keys. */
  readonly GET: RouteHandler
  /** For the same route: login, logout and the switch to another account of the browser. */
  readonly POST: RouteHandler
  /** For `app/oauth-client-metadata.json/route.ts`. Its URL is the `client_id`. */
  readonly clientMetadata: { readonly GET: RouteHandler }
  /**
   * The same routes one by one, for an application that has a `route.ts` for each of them, such as
   * `app/oauth/login/route.ts`. Their paths must be those below `basePath`.
   */
  readonly login: { readonly GET: RouteHandler; readonly POST: RouteHandler }
  readonly callback: { readonly GET: RouteHandler }
  readonly logout: { readonly POST: RouteHandler }
  readonly switch: { readonly POST: RouteHandler }
  /**
   * For `app/oauth/session/route.ts`: who is signed in, as JSON, for `<SessionProvider>` in the browser. With `?profile=1`
   * also that account's `handle`, `displayName` and `avatar`, as far as they are known within two seconds, and
   * `isComplete`.
   */
  readonly session: { readonly GET: RouteHandler }
  /** For `app/oauth/jwks.json/route.ts`. */
  readonly jwks: { readonly GET: RouteHandler }
  /**
   * For `app/xrpc/[nsid]/route.ts`: passes the listed XRPC methods on to the account's PDS, for scripts in the browser,
   * which do not get a token. Responds 401 without a session; otherwise like `passThrough`.
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

/** Every route below `basePath`, with each handler as `wrap` returns it. */
function routesWith<Handler>(wrap: (handler: ConfiguredHandler) => Handler) {
  return {
    login: { GET: wrap(handleLoginGet), POST: wrap(handleLoginPost) },
    callback: { GET: wrap(handleCallback) },
    logout: { POST: wrap(handleLogout) },
    switch: { POST: wrap(handleSwitch) },
    session: { GET: wrap(handleSession) },
    jwks: { GET: wrap((_request, { client }) => publicJson(client.jwks)) },
  }
}

interface Methods {
  readonly GET?: ConfiguredHandler
  readonly POST?: ConfiguredHandler
}

const { jwks, ...routes } = routesWith((handler) => handler)
const routesByPath: Readonly<Record<string, Methods>> = { ...routes, 'jwks.json': jwks }

/** @param loadConfig called by each request, so that nothing is read before the first one */
export function createHandlers(loadConfig: () => Promise<Config>, log: Log = createLog()): Handlers {
  const getSession = createGetSession(loadConfig)
  const handle =
    (handler: ConfiguredHandler): RouteHandler =>
    (request) =>
      respond(request, handler, { loadConfig, log })
  return {
    ...routesWith(handle),
    GET: handle((request, config) => route('GET', request, config)),
    POST: handle((request, config) => route('POST', request, config)),
    clientMetadata: { GET: handle((_request, { client }) => publicJson(client.clientMetadata)) },
    xrpc(options) {
      const call = handle((request, { log }) => handleXrpc(request, options, { getSession, log }))
      return { GET: call, POST: call }
    },
  }
}

async function route(method: 'GET' | 'POST', request: Request, config: Config): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/\/$/, '')
  const { prefix, base } = config.paths
  const name = path.slice(path.lastIndexOf('/') + 1)
  // Next may have removed its basePath. The routes are served at no other path: a proxy's rules would not cover it.
  const isOurs = path === `${base}/${name}` || path === `${prefix}${base}/${name}`
  const methods = isOurs && Object.hasOwn(routesByPath, name) ? routesByPath[name] : undefined
  if (!methods)
    return page({ status: 404, title: 'Not found', body: '<p>There is nothing at this address.</p>' })
  const handler = methods[method]
  if (handler) return handler(request, config)
  const headers = { allow: methods.GET ? 'GET, HEAD' : 'POST' }
  const body = '<p>This address does not accept this request method.</p>'
  return page({ status: 405, title: 'Method not allowed', body, headers })
}

interface RespondDeps {
  readonly loadConfig: () => Promise<Config>
  readonly log: Log
}

async function respond(
  request: Request,
  handler: ConfiguredHandler,
  { loadConfig, log }: RespondDeps,
): Promise<Response> {
  // Read first, so that Next never prerenders a response from the environment of the build. What this throws then is
  // Next's own signal, not a failure.
  void request.headers
  const requestLog = log.forRequest()
  try {
    const config = { ...(await loadConfig()), log: requestLog }
    const response = withPrefix(await handler(request, config), config.paths.prefix)
    return await withResealedCookie(request, response, config)
  } catch (error) {
    return failurePage(request, error, requestLog)
  }
}

/**
 * Puts the session cookie in order (see `resealedCookie`), in responses that no cache keeps. Not in one to a script, sent
 * in the background: it may arrive after the response to a sign-in, and would undo that one's cookie.
 */
async function withResealedCookie(request: Request, response: Response, config: Config): Promise<Response> {
  const { status, headers } = response
  const isForScript = headers.get('content-type') === 'application/json'
  if (status === 204 || isForScript || headers.get('cache-control') !== 'private, no-store') return response
  const { sessionName } = config.cookies
  if (headers.getSetCookie().some((cookie) => cookie.startsWith(`${sessionName}=`))) return response
  const sent = request.headers.get('cookie')
  const resealed = await resealedCookie(readCookieValues(sent, sessionName), config)
  const changes = resealed ? [resealed] : await renamedCookie(sent, config)
  for (const change of changes) headers.append('set-cookie', setCookieHeader(change, config.cookies))
  return response
}

/** Tells the visitor only the kind of failure; the log has the details. */
function failurePage(request: Request, error: unknown, log: Log): Response {
  if (error instanceof ConfigurationError) {
    // Logged before, unless the problem was found only when the store was opened.
    log.errorOnce(error.message)
    return notSetUpPage(error)
  }
  log.failure('request', error)
  const shown = referenceLine(log.reference)
  if (isStoreFailure(error)) {
    const body =
      '<p>This site cannot do that for the moment. If you were signed in, you still are. Try again in a moment.</p>'
    return page({
      status: 503,
      title: 'Try again shortly',
      body: body + shown + retryLink(request),
      headers: { 'retry-after': '5' },
    })
  }
  const body = `<p>This did not work. Go back and try again.</p>${shown}`
  return page({ status: 500, title: 'Something went wrong', body })
}

/** A link to the same address, by GET; empty where that is no page, as after a sign-out. */
function retryLink({ method, url }: Request): string {
  const isPage = method === 'GET' || /\/login\/?$/.test(new URL(url).pathname)
  return isPage ? '<p><a href="">Try again</a></p>' : ''
}
