/** The session cookie of the request at hand, read and set through Next. */
import 'server-only'
import * as cache from 'next/cache.js'
import { cookies, headers } from 'next/headers.js'
import type { CookieChange } from '../../web/flow-cookie.ts'
import {
  cookieAttributes,
  hasNewestSeal,
  readCookies,
  type SessionCookie,
  sessionCookieName,
} from '../../web/session-cookie.ts'
import { openCookieText, sealCookie } from '../accounts/find-session.ts'
import type { Runtime } from '../config/load-config.ts'

/** What Next gives of a request: the same objects all through it. */
export interface NextRequest {
  readonly headers: Awaited<ReturnType<typeof headers>>
  readonly jar: Awaited<ReturnType<typeof cookies>>
}

/** The text of the session cookie; undefined when there is none, or two of the name. */
export interface RequestCookie {
  readonly text: string | undefined
  readonly isDoubled: boolean
}

export async function readRequest(): Promise<NextRequest> {
  // First of all and outside any try: this is how Next learns that a page depends on the request.
  const request = { headers: await headers(), jar: await cookies() }
  await beforeTime()
  return request
}

/**
 * With cacheComponents, keeps what follows out of whatever Next renders ahead of the visitor, where a clock is an
 * error: whether a cookie has expired is known only when somebody comes. Next before 16.3 has no word for it.
 */
const beforeTime: () => Promise<void> = 'io' in cache ? cache.io : async () => undefined

/** The session cookie as it is by now: what was set earlier in this request counts before what came with it. */
export function readRequestCookie(request: NextRequest, runtime: Runtime): RequestCookie {
  const name = sessionCookieName(runtime.cookies)
  const sent = readCookies(request.headers.get('cookie'), name)
  const text = request.jar.get(name)?.value
  // Next takes one of two cookies of a name, and not always the same one.
  const isDoubled = sent.length > 1 && text !== undefined && sent.includes(text)
  return { text: isDoubled ? undefined : text, isDoubled }
}

/**
 * Sets the session cookie, or removes it when no account is left.
 *
 * @throws TypeError where Next lets no cookie be set
 */
export async function writeRequestCookie(
  { jar }: NextRequest,
  cookie: SessionCookie | undefined,
  runtime: Runtime,
): Promise<void> {
  const text = cookie ? await sealCookie(cookie, runtime) : ''
  const attributes = cookieAttributes(cookie ? runtime.sessionTtlS : 0, runtime.cookies)
  set(() => jar.set(sessionCookieName(runtime.cookies), text, attributes))
}

/**
 * Sets cookies of sign-ins under way.
 *
 * @throws TypeError where Next lets no cookie be set
 */
export function setRequestCookies(
  { jar }: NextRequest,
  changes: readonly CookieChange[],
  runtime: Runtime,
): void {
  set(() => {
    for (const { name, text, ttlS } of changes) jar.set(name, text, cookieAttributes(ttlS, runtime.cookies))
  })
}

/** Sets the cookie to what it is, so that a place where none can be set is found out before anything has happened. */
export async function probeRequestCookie(request: NextRequest, runtime: Runtime): Promise<void> {
  const cookie = await openCookieText(readRequestCookie(request, runtime).text, runtime)
  await writeRequestCookie(request, cookie, runtime)
}

/**
 * In a server action, puts the cookie in order as `mendedCookie` does; whether it was set. Nowhere else: the answer
 * of a route handler may be one that is cached.
 */
export async function mendRequestCookie(request: NextRequest, runtime: Runtime): Promise<boolean> {
  if (!request.headers.has('next-action')) return false
  const { text, isDoubled } = readRequestCookie(request, runtime)
  const cookie = await openCookieText(text, runtime)
  const isOld = text !== undefined && cookie && !(await hasNewestSeal(text, runtime.secrets))
  if (!isDoubled && !isOld) return false
  return writeRequestCookie(request, cookie, runtime).then(
    () => true,
    // The page after an action renders in the same request, where no cookie can be set: the next action does it.
    () => false,
  )
}

function set(work: () => unknown): void {
  try {
    work()
  } catch (cause) {
    throw new TypeError(
      'Signing in or out and changes of accounts and devices need a server action or a route handler: the page being ' +
        'rendered can set no cookie.',
      { cause },
    )
  }
}
