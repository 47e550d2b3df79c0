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

/** What a flow ends with: this browser signed in, or an account connected to a user of the application. */
export type FlowKind = 'sign_in' | 'connection'

const MAX_FLOWS = 4
/**
 * The longest time that a sign-in may take: one that creates an account. Shorter limits are kept by the row in the
 * store.
 */
export const FLOW_TTL_S = 60 * 60
const PURPOSE = 'flow cookie'
/** Stands in the name in place of the start time, and sorts before every one. */
const FINISHED = '0'
/** True in the content of a cookie that came with the answer of its flow; the name alone proves nothing. */
const FINISHED_FIELD = 'finished'

/**
 * Binds a new flow to this browser, and removes the oldest flow cookies beyond four.
 *
 * @param config its `kind` is by default `sign_in`
 */
export async function startFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies, secrets, kind }: FlowCookieConfig & { readonly kind?: FlowKind | undefined },
): Promise<readonly CookieChange[]> {
  // The start time is part of the name, so that the oldest cookie is known without opening any.
  const startedAt = Math.floor(Date.now() / 1000).toString(36)
  const name = `${cookies.flowPrefix}${startedAt}-${await tagOf(oauthState)}`
  const surplus = readCookieNames(cookieHeader, cookies.flowPrefix)
    .toSorted()
    .slice(0, -(MAX_FLOWS - 1))
  const value = await sealFlowCookie(oauthState, secrets, kind)
  return [{ name, value, maxAgeS: FLOW_TTL_S }, ...surplus.map(removal)]
}

/** What this browser started with that OAuth `state`; undefined when it started nothing with it. */
export async function findFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies, secrets }: FlowCookieConfig,
): Promise<FlowKind | undefined> {
  for (const name of await namesOf(oauthState, cookieHeader, cookies)) {
    const value = readCookie(cookieHeader, name)
    const kind = value === undefined ? undefined : await readFlowCookie(oauthState, value, secrets)
    if (kind !== undefined) return kind
  }
  return undefined
}

/** Whether this browser has a flow that is not finished, other than that one. */
export async function hasOtherFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies: { flowPrefix } }: Pick<FlowCookieConfig, 'cookies'>,
): Promise<boolean> {
  const tag = await tagOf(oauthState)
  return readCookieNames(cookieHeader, flowPrefix).some(
    (name) => !name.endsWith(`-${tag}`) && !name.startsWith(`${flowPrefix}${FINISHED}-`),
  )
}

/**
 * The OAuth `state` of each sign-in (not of connections) whose answer this browser has received. A cookie of its start is
 * not enough: someone else may have begun it, and kept a copy.
 */
export async function finishedSignInsOf(
  cookieHeader: string | null,
  { cookies, secrets }: FlowCookieConfig,
): Promise<readonly string[]> {
  const names = readCookieNames(cookieHeader, `${cookies.flowPrefix}${FINISHED}-`).slice(0, MAX_FLOWS)
  const states = names.map(async (name) => {
    const value = readCookie(cookieHeader, name)
    const content = value === undefined ? undefined : (await openCookie(value, PURPOSE, secrets))?.content
    const oauthState = content?.[stateFields.sign_in]
    return content?.[FINISHED_FIELD] === true && typeof oauthState === 'string' ? [oauthState] : []
  })
  return (await Promise.all(states)).flat()
}

/**
 * Keeps the flow cookie of a sign-in that is finished, so that the same browser can be given the same answer again. It
 * is the first one to be removed when there are more than four.
 *
 * @param ttlS how long the answer is kept, in seconds
 */
export async function keepFinishedFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies, secrets, kind, ttlS }: FlowCookieConfig & { readonly kind: FlowKind; readonly ttlS: number },
): Promise<readonly CookieChange[]> {
  const names = await namesOf(oauthState, cookieHeader, cookies)
  const name = `${cookies.flowPrefix}${FINISHED}-${await tagOf(oauthState)}`
  if (names.includes(name)) return []
  const content = { [stateFields[kind]]: oauthState, [FINISHED_FIELD]: true }
  const value = await sealCookie(content, { purpose: PURPOSE, secrets, ttlS: FLOW_TTL_S })
  return [{ name, value, maxAgeS: ttlS }, ...names.map(removal)]
}

/** Removes the flow cookie of that sign-in. */
export async function endFlow(
  cookieHeader: string | null,
  oauthState: string,
  { cookies }: Pick<FlowCookieConfig, 'cookies'>,
): Promise<readonly CookieChange[]> {
  return (await namesOf(oauthState, cookieHeader, cookies)).map(removal)
}

/** The field that holds the OAuth `state`, by kind: never changes. A version without connections refuses theirs. */
const stateFields = { sign_in: 'state', connection: 'connect' } as const

export function sealFlowCookie(
  oauthState: string,
  secrets: Secrets,
  kind: FlowKind = 'sign_in',
): Promise<string> {
  return sealCookie({ [stateFields[kind]]: oauthState }, { purpose: PURPOSE, secrets, ttlS: FLOW_TTL_S })
}

/** What a flow cookie was made for; undefined when not for the flow with that OAuth `state`. */
export async function readFlowCookie(
  oauthState: string,
  value: string,
  secrets: Secrets,
): Promise<FlowKind | undefined> {
  const content = (await openCookie(value, PURPOSE, secrets))?.content
  // No constant-time comparison: the value is sealed, and 256 random bits cannot be guessed piece by piece.
  if (content?.[stateFields.sign_in] === oauthState) return 'sign_in'
  return content?.[stateFields.connection] === oauthState ? 'connection' : undefined
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
