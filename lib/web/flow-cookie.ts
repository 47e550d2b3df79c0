/**
 * The flow cookie binds a sign-in to the browser that started it, so that a callback is accepted from that browser
 * only (login CSRF, RFC 9700 §4.7). Each sign-in has its own, so that two tabs do not interfere; a browser keeps at
 * most four, so that abandoned ones do not fill the request headers.
 */
import type { Secrets } from '../config/secrets.ts'
import { sha256Async } from '../crypto/derive.ts'
import { type CookieChange, type CookieSettings, readCookie, readCookieNames } from './cookie-header.ts'
import { openCookie, sealCookie } from './cookie-seal.ts'

export interface FlowCookieConfig {
  readonly cookies: CookieSettings
  readonly secrets: Secrets
}

const MAX_FLOWS = 4
/**
 * The longest time that a sign-in may take: one that creates an account. Shorter limits are kept by the row in the
 * store.
 */
export const FLOW_TTL_S = 60 * 60
const PURPOSE = 'flow cookie'

/** Binds a new sign-in to this browser, and removes the oldest flow cookies beyond four. */
export async function startFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies, secrets }: FlowCookieConfig,
): Promise<readonly CookieChange[]> {
  // The start time is part of the name, so that the oldest cookie is known without opening any.
  const startedAt = Math.floor(Date.now() / 1000).toString(36)
  const name = `${cookies.flowPrefix}${startedAt}-${await tagOf(oauthState)}`
  const surplus = readCookieNames(cookieHeader, cookies.flowPrefix)
    .toSorted()
    .slice(0, -(MAX_FLOWS - 1))
  const value = await sealFlowCookie(oauthState, secrets)
  return [{ name, value, maxAgeS: FLOW_TTL_S }, ...surplus.map(removal)]
}

/** Whether this browser started the sign-in with that OAuth `state`. */
export async function hasStartedFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies, secrets }: FlowCookieConfig,
): Promise<boolean> {
  for (const name of await namesOf(oauthState, cookieHeader, cookies)) {
    const value = readCookie(cookieHeader, name)
    if (value !== undefined && (await isFlowCookieOf(oauthState, value, secrets))) return true
  }
  return false
}

/** Removes the flow cookie of that sign-in. */
export async function endFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies }: Pick<FlowCookieConfig, 'cookies'>,
): Promise<readonly CookieChange[]> {
  return (await namesOf(oauthState, cookieHeader, cookies)).map(removal)
}

export function sealFlowCookie(oauthState: string, secrets: Secrets): Promise<string> {
  return sealCookie({ state: oauthState }, { purpose: PURPOSE, secrets, ttlS: FLOW_TTL_S })
}

/** Whether a flow cookie was made for the sign-in with that OAuth `state`. */
export async function isFlowCookieOf(oauthState: string, value: string, secrets: Secrets): Promise<boolean> {
  const opened = await openCookie(value, PURPOSE, secrets)
  // No constant-time comparison: the value is sealed, and 256 random bits cannot be guessed piece by piece.
  return opened?.content.state === oauthState
}

async function namesOf(
  oauthState: string,
  cookieHeader: string | null,
  { flowPrefix }: CookieSettings,
): Promise<readonly string[]> {
  const tag = await tagOf(oauthState)
  return readCookieNames(cookieHeader, flowPrefix).filter((name) => name.endsWith(`-${tag}`))
}

function removal(name: string): CookieChange {
  return { name, value: '', maxAgeS: 0 }
}

async function tagOf(oauthState: string): Promise<string> {
  return (await sha256Async(oauthState)).slice(0, 16)
}
