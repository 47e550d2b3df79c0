/** What `auth`'s functions begin with: the current request, the configuration, and the accounts of the browser. */
import 'server-only'
import { refuseForeignRequest } from '../../web/request-checks.ts'
import type { SessionCookie } from '../../web/session-cookie.ts'
import type { Config } from '../config/load-config.ts'
import {
  type CurrentRequest,
  checkCookiesCanBeSet,
  currentSessionCookie,
  readCurrentRequest,
} from './current-request.ts'

export interface Visit {
  readonly request: CurrentRequest
  readonly config: Config
  /** Undefined when no one is signed in. */
  readonly cookie: SessionCookie | undefined
}

export async function readVisit(loadConfig: () => Promise<Config>): Promise<Visit> {
  const request = await readCurrentRequest()
  const config = await loadConfig()
  return { request, config, cookie: await currentSessionCookie(request, config) }
}

/**
 * `readVisit`, for functions that change something.
 *
 * @throws AtprotoAuthError `request_refused` when a page of another site caused the request; TypeError where no cookie
 *   can be set
 */
export async function readVisitForChange(loadConfig: () => Promise<Config>): Promise<Visit> {
  const visit = await readVisit(loadConfig)
  refuseForeignRequest(visit.request.headers, visit.config.publicOrigin)
  await checkCookiesCanBeSet(visit.request, visit.config)
  return visit
}
