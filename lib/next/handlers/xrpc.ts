/** `auth.handlers.xrpc()`: a route that passes listed XRPC calls of the browser on to the PDS of the active account. */
import 'server-only'
import { TokenRefreshError, TokenRevokedError } from '../../errors.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { type PassThroughOptions, passThrough, xrpcRefusal } from '../../oauth/session/xrpc-proxy.ts'
import type { Log } from '../events/log.ts'

/** When the server did not say. */
const USUAL_WAIT_MS = 5_000

interface XrpcDeps {
  readonly getSession: () => Promise<OAuthSession | null>
  readonly log: Pick<Log, 'failure'>
}

/** The response to a call; the last part of the path is the XRPC method. */
export async function handleXrpc(
  request: Request,
  options: PassThroughOptions,
  { getSession, log }: XrpcDeps,
): Promise<Response> {
  const session = await getSession()
  if (!session) return refuse(401, 'AuthenticationRequired')
  const { pathname } = new URL(request.url)
  const path = pathname.replace(/\/$/, '')
  const nsid = path.slice(path.lastIndexOf('/') + 1)
  try {
    return await passThrough(session, nsid, request, options)
  } catch (error) {
    if (error instanceof TokenRevokedError) return refuse(401, 'AuthenticationRequired')
    if (!(error instanceof TokenRefreshError)) throw error
    // The browser's script sees that it may work later, and only the log says why it does not.
    log.failure('request', error)
    return notAvailable(error)
  }
}

/** With the time after which the refresh may succeed. */
function notAvailable({ retryAfterMs = USUAL_WAIT_MS }: TokenRefreshError): Response {
  const response = refuse(503, 'NotAvailable')
  response.headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return response
}

/** The answer depends on the visitor's cookie. */
function refuse(status: number, error: string): Response {
  const response = xrpcRefusal(status, error)
  response.headers.set('vary', 'Cookie')
  return response
}
