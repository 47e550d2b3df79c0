/** The routes of the library: which request goes where, and what a visitor sees when the ground is missing. */
import 'server-only'
import { AtprotoAuthError, ConfigurationError } from '../errors.ts'
import type { Runtime } from './config.ts'
import { handleCallback } from './handle-callback.ts'
import { handleLoginGet, handleLoginPost } from './handle-login.ts'
import { handleLogout } from './handle-logout.ts'
import { logFailure } from './log.ts'
import { page, publicJson } from './respond.ts'

type RouteHandler = (request: Request) => Promise<Response>
type RuntimeHandler = (request: Request, runtime: Runtime) => Response | Promise<Response>

/** Route handlers; each `GET` and `POST` is exported from a `route.ts` as it is. */
export interface Handlers {
  /** For `app/oauth/[...atproto]/route.ts`: login page, callback and public keys. */
  readonly GET: RouteHandler
  /** For the same route: login and logout. */
  readonly POST: RouteHandler
  /** For `app/oauth-client-metadata.json/route.ts`, whose URL is the client_id. */
  readonly clientMetadata: { readonly GET: RouteHandler }
}

const getRoutes: Readonly<Record<string, RuntimeHandler>> = {
  login: handleLoginGet,
  callback: handleCallback,
  'jwks.json': (_request, { client }) => publicJson(client.jwks),
}
const postRoutes: Readonly<Record<string, RuntimeHandler>> = { login: handleLoginPost, logout: handleLogout }

/** The handlers on a configuration that is resolved when the first request comes. */
export function createHandlers(runtime: () => Promise<Runtime>): Handlers {
  return {
    GET: (request) => answer(request, route(request, getRoutes), runtime),
    POST: (request) => answer(request, route(request, postRoutes), runtime),
    clientMetadata: {
      GET: (request) => answer(request, (_request, { client }) => publicJson(client.clientMetadata), runtime),
    },
  }
}

function route(request: Request, routes: Readonly<Record<string, RuntimeHandler>>): RuntimeHandler {
  const name = new URL(request.url).pathname.split('/').filter(Boolean).at(-1) ?? ''
  const handler = Object.hasOwn(routes, name) ? routes[name] : undefined
  if (handler) return handler
  const isKnown = Object.hasOwn(getRoutes, name) || Object.hasOwn(postRoutes, name)
  return () =>
    isKnown
      ? page({
          status: 405,
          title: 'Not like this',
          body: '<p>This address takes another kind of request.</p>',
        })
      : page({ status: 404, title: 'Not found', body: '<p>There is nothing at this address.</p>' })
}

/** No failure shows more than its kind: the log has the rest. */
async function answer(
  request: Request,
  handler: RuntimeHandler,
  runtime: () => Promise<Runtime>,
): Promise<Response> {
  try {
    // Touched before anything else, so that Next never prerenders an answer of the build's environment.
    void request.headers
    return await handler(request, await runtime())
  } catch (error) {
    if (error instanceof ConfigurationError) {
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
