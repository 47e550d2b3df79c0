/**
 * `GET /oauth/session`: tells scripts of this application's pages who is signed in, as `getSessionStatus()` does; with
 * `?profile=1` also the public profile of that account.
 */
import 'server-only'
import { isFromOtherSite, isSpeculative } from '../../web/request-checks.ts'
import { noContent, privateJson } from '../../web/responses.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { readSessionStatus } from '../server/session-status.ts'
import { isStoreFailure } from '../sign-in/sign-in-failure.ts'

/**
 * Changes nothing: it sets no cookie, and without `profile` it asks no server. The profile is that of the account in this
 * browser's cookie, never of one that the request names, so that no one can make this server ask for a stranger's.
 */
export async function handleSession(request: Request, config: Config): Promise<Response> {
  if (isSpeculative(request)) return noContent()
  // Without CORS another site cannot read the response anyway. This keeps it out of that site's memory too.
  if (isFromOtherSite(request.headers, config.publicOrigin))
    return privateJson({ error: 'request_refused' }, 403)
  try {
    const cookie = await readSessionCookie(request.headers.get('cookie'), config)
    const status = await readSessionStatus(cookie, config)
    const wantsProfile = new URL(request.url).searchParams.get('profile') === '1'
    if (!wantsProfile || status.kind === 'none') return privateJson(status)
    return privateJson({ ...(await config.client.getProfile(status.did)), ...status })
  } catch (error) {
    if (!isStoreFailure(error)) throw error
    config.log.failure('request', error)
    return privateJson({ kind: 'unknown' }, 503)
  }
}
