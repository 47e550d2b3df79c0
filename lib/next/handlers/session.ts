/** `GET /oauth/session`: tells scripts of this application's pages who is signed in, as `getSessionStatus()` does. */
import 'server-only'
import { isFromOtherSite, isSpeculative } from '../../web/request-checks.ts'
import { noContent, privateJson } from '../../web/responses.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { readSessionStatus } from '../server/session-status.ts'
import { isStoreFailure } from '../sign-in/sign-in-failure.ts'

/** Changes nothing: it sets no cookie and asks no server. */
export async function handleSession(request: Request, config: Config): Promise<Response> {
  if (isSpeculative(request)) return noContent()
  // Without CORS another site cannot read the response anyway. This keeps it out of that site's memory too.
  if (isFromOtherSite(request.headers, config.publicOrigin))
    return privateJson({ error: 'request_refused' }, 403)
  try {
    const cookie = await readSessionCookie(request.headers.get('cookie'), config)
    return privateJson(await readSessionStatus(cookie, config))
  } catch (error) {
    if (!isStoreFailure(error)) throw error
    config.log.failure('request', error)
    return privateJson({ kind: 'unknown' }, 503)
  }
}
