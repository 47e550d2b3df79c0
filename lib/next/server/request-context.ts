/** What `auth`'s functions begin with: the current request, the configuration, and the accounts of the browser. */
import 'server-only'
import type { SessionCookie } from '../../web/session-cookie.ts'
import type { Config } from '../config/load-config.ts'
import {
  type CurrentRequest,
  checkCookiesCanBeSet,
  currentSessionCookie,
  readCurrentRequest,
  refuseForeign,
} from './current-request.ts'

export interface RequestContext {
  readonly request: CurrentRequest
  readonly config: Config
  /** Undefined when no one is signed in. */
  readonly cookie: SessionCookie | undefined
}

export async function readRequestContext(loadConfig: () => Promise<Config>): Promise<RequestContext> {
  const request = await readCurrentRequest()
  const config = await loadConfig()
  return { request, config, cookie: await currentSessionCookie(request, config) }
}

/**
 * `readRequestContext`, for functions that change something.
 *
 * @throws AtprotoAuthError `request_refused` when a page of another site caused the request; TypeError where no cookie
 *   can be set
 */
export async function readRequestContextForChange(
  loadConfig: () => Promise<Config>,
): Promise<RequestContext> {
  const context = await readRequestContext(loadConfig)
  refuseForeign(context.request, context.config)
  await checkCookiesCanBeSet(context.request, context.config)
  return context
}
