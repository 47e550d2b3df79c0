/**
 * The cookie that binds a sign-in to the browser that began it: one for each sign-in under way, so that two tabs
 * do not disturb each other, and four at most, so that abandoned ones do not fill the request headers.
 */

import type { Secrets } from '../config/secrets.ts'
import { sha256 } from '../crypto/derive.ts'
import {
  type CookieScope,
  FLOW_TTL_S,
  isFlowCookieOf,
  readCookie,
  sealFlowCookie,
  setCookie,
} from './session-cookie.ts'

export interface FlowCookieDeps {
  readonly cookies: CookieScope
  readonly secrets: Secrets
}

const MAX_FLOWS = 4

/** A cookie to be set, or with a lifetime of 0 s removed. */
export interface CookieChange {
  readonly name: string
  readonly text: string
  readonly ttlS: number
}

/** The cookies that bind a new sign-in to this browser and remove the oldest beyond four. */
export async function beginFlow(
  cookieHeader: string | null,
  state: string,
  { cookies, secrets }: FlowCookieDeps,
): Promise<readonly CookieChange[]> {
  // The time of the start stands in the name, so that the oldest can be told without opening any.
  const startedAt = Math.floor(Date.now() / 1000).toString(36)
  const name = `${flowPrefix(cookies)}${startedAt}-${await tagOf(state)}`
  const surplus = flowCookieNames(cookieHeader, cookies)
    .sort()
    .slice(0, -(MAX_FLOWS - 1))
  return [
    { name, text: await sealFlowCookie(state, secrets), ttlS: FLOW_TTL_S },
    ...surplus.map((old) => ({ name: old, text: '', ttlS: 0 })),
  ]
}

/** Whether this browser began the sign-in with that `state`. */
export async function hasBegunFlow(
  cookieHeader: string | null,
  state: string,
  { cookies, secrets }: FlowCookieDeps,
): Promise<boolean> {
  for (const name of await namesOf(state, cookieHeader, cookies)) {
    const text = readCookie(cookieHeader, name)
    if (text !== undefined && (await isFlowCookieOf(state, text, secrets))) return true
  }
  return false
}

/** Removes what `beginFlow` set for that `state`. */
export async function endFlow(
  cookieHeader: string | null,
  state: string,
  { cookies }: FlowCookieDeps,
): Promise<readonly CookieChange[]> {
  return (await namesOf(state, cookieHeader, cookies)).map((name) => ({ name, text: '', ttlS: 0 }))
}

/** The `Set-Cookie` values of these. */
export function setCookies(
  changes: readonly CookieChange[],
  { cookies }: Pick<FlowCookieDeps, 'cookies'>,
): readonly string[] {
  return changes.map(({ name, text, ttlS }) => setCookie(name, text, ttlS, cookies))
}

async function namesOf(state: string, cookieHeader: string | null, cookies: CookieScope): Promise<string[]> {
  const tag = await tagOf(state)
  return flowCookieNames(cookieHeader, cookies).filter((name) => name.endsWith(`-${tag}`))
}

function flowCookieNames(cookieHeader: string | null, cookies: CookieScope): string[] {
  const names = (cookieHeader ?? '').split(';').map((pair) => pair.trim().split('=', 1)[0] ?? '')
  return names.filter((name) => name.startsWith(flowPrefix(cookies)) && /^[\w.-]{1,128}$/.test(name))
}

function flowPrefix({ prefix, suffix }: CookieScope): string {
  return `${prefix}atproto-flow${suffix}-`
}

async function tagOf(state: string): Promise<string> {
  return (await sha256(state)).slice(0, 16)
}
