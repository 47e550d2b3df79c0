/** The current request as Next provides it in server components, server actions and route handlers. */
import 'server-only'
import * as cache from 'next/cache.js'
import { cookies, headers } from 'next/headers.js'
import {
  type CookieChange,
  cookieAttributes,
  readCookieValues,
  readSessionValues,
} from '../../web/cookie-header.ts'
import { isFromOtherSite, refuseForeignRequest } from '../../web/request-checks.ts'
import type { SessionCookie } from '../../web/session-cookie.ts'
import { renamedCookie, resealedCookie, sessionCookieChange } from '../accounts/cookie-changes.ts'
import { openSessionCookieValue } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { logRefusedForm, type RefusedFormContext } from '../events/refused-form.ts'

/** What Next gives for the request; the same objects for all of its code. */
export interface CurrentRequest {
  readonly headers: Awaited<ReturnType<typeof headers>>
  readonly jar: Awaited<ReturnType<typeof cookies>>
}

export async function readCurrentRequest(): Promise<CurrentRequest> {
  // Called first and outside any `try`: by these calls Next learns that a page depends on the request.
  const request = { headers: await headers(), jar: await cookies() }
  await excludeFromPrerender()
  return request
}

/**
 * `readCurrentRequest`, for what a page of another site must not cause.
 *
 * @throws AtprotoAuthError `request_refused`
 */
export async function readOwnRequest(config: RefusedFormContext): Promise<CurrentRequest> {
  const request = await readCurrentRequest()
  refuseForeign(request, config)
  return request
}

/**
 * Logs what it refuses.
 *
 * @throws AtprotoAuthError `request_refused` when a page of another site caused the request
 */
export function refuseForeign({ headers }: CurrentRequest, config: RefusedFormContext): void {
  if (isFromOtherSite(headers, config.publicOrigin)) logRefusedForm(headers, config)
  refuseForeignRequest(headers, config.publicOrigin)
}

/**
 * With `cacheComponents`, keeps the following code out of prerendering, where reading the clock is an error; the clock
 * says whether a cookie has expired. `io` exists since Next 16.3; earlier versions need nothing here.
 */
const excludeFromPrerender: () => Promise<void> = 'io' in cache ? cache.io : async () => undefined

/**
 * The values of the session cookie: none, one, or two when the browser sent two. A value that was set earlier in this
 * request counts instead of what the browser sent.
 */
function sessionCookieValues({ headers, jar }: CurrentRequest, { cookies }: Config): readonly string[] {
  const sent = readCookieValues(headers.get('cookie'), cookies.sessionName)
  const value = jar.get(cookies.sessionName)?.value
  // Only the header has one under its former name.
  if (value === undefined) return sent.length > 0 ? [] : readSessionValues(headers.get('cookie'), cookies)
  // If two cookies share a name, which one Next returns is not fixed.
  return sent.length > 1 && sent.includes(value) ? sent : [value]
}

/** The value of the session cookie; undefined if it is missing or occurs twice. */
export function sessionCookieValue(request: CurrentRequest, config: Config): string | undefined {
  const values = sessionCookieValues(request, config)
  return values.length === 1 ? values[0] : undefined
}

/** What the session cookie holds; undefined if it is missing, was not sealed here, or occurs twice. */
export async function currentSessionCookie(
  request: CurrentRequest,
  config: Config,
): Promise<SessionCookie | undefined> {
  return openSessionCookieValue(sessionCookieValue(request, config), config)
}

/**
 * Sets or removes cookies.
 *
 * @throws TypeError where Next does not allow it
 */
export function applyCookieChanges(
  { jar }: CurrentRequest,
  changes: readonly CookieChange[],
  config: Config,
): void {
  try {
    for (const { name, value, maxAgeS } of changes)
      jar.set(name, value, cookieAttributes(maxAgeS, config.cookies))
  } catch (cause) {
    throw new TypeError(
      'Signing in or out and changing accounts or devices need a server action or a route handler: no cookie can be ' +
        'set while a page is rendered.',
      { cause },
    )
  }
}

/**
 * Sets the session cookie to these accounts; removes it when there are none.
 *
 * @throws TypeError where Next does not allow it
 */
export async function setSessionCookie(
  request: CurrentRequest,
  cookie: SessionCookie | undefined,
  config: Config,
): Promise<void> {
  applyCookieChanges(request, [await sessionCookieChange(cookie, config)], config)
}

/**
 * Sets the session cookie to what it is, to find out before anything changes whether cookies can be set here.
 *
 * @throws TypeError where Next does not allow it
 */
export async function checkCookiesCanBeSet(request: CurrentRequest, config: Config): Promise<void> {
  await setSessionCookie(request, await currentSessionCookie(request, config), config)
}

/**
 * In a server action, applies `resealedCookie`; returns whether a cookie was set. Not in route handlers: their
 * responses may be cached.
 */
export async function resealInAction(request: CurrentRequest, config: Config): Promise<boolean> {
  if (!request.headers.has('next-action')) return false
  const former = await renamedCookie(request.headers.get('cookie'), config)
  const resealed =
    former.length > 0 ? undefined : await resealedCookie(sessionCookieValues(request, config), config)
  const changes = resealed ? [resealed] : former
  if (changes.length === 0) return false
  try {
    applyCookieChanges(request, changes, config)
    return true
  } catch {
    // The page is rendered after the action, in the same request, and cannot set cookies. The next action does it.
    return false
  }
}
