/** `auth.handlers.xrpc()`: a route that passes listed XRPC calls of the browser on to the PDS of the active account. */
import 'server-only'
import { TokenRefreshError, TokenRevokedError } from '../../errors.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { type PassThroughOptions, passThrough, xrpcRefusal } from '../../oauth/session/xrpc-proxy.ts'

/** The response to a call; the last part of the path is the XRPC method. */
export async function handleXrpc(
  request: Request,
  getSession: () => Promise<OAuthSession | null>,
  options: PassThroughOptions,
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
    if (error instanceof TokenRefreshError) return refuse(503, 'NotAvailable')
    throw error
  }
}

/** The answer depends on the visitor's cookie. */
function refuse(status: number, error: string): Response {
  const response = xrpcRefusal(status, error)
  response.headers.set('vary', 'Cookie')
  return response
}
