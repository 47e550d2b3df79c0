/**
 * The cookies of this library, sealed by iron-session with keys of their own purpose. Nothing is believed of a
 * cookie but what the seal proves; a session cookie names a session, which the store then has or has not.
 * Part of the middleware's closure: edge-safe, no node: module, no store.
 */
import { sealData, unsealData } from 'iron-session'
import * as base64url from 'jose/base64url'
import type { Secrets } from '../config/secrets.ts'
import { type DerivedKey, deriveKeys } from '../crypto/derive.ts'
import type { CookieMemo } from './opened-cookies.ts'

/** What the session cookie holds: the accounts that are signed in in this browser. */
export interface SessionCookie {
  /** The account whose session is the active one, the first. */
  readonly did: string
  /** One for each account, the active one first, then the one that was active before; five at most. */
  readonly sessionIds: readonly [string, ...string[]]
}

/** Remembers opened session cookies. */
export type SessionCookieMemo = CookieMemo<SessionCookie>

export const MAX_ACCOUNTS = 5
/** As long as the longest sign-in, one that creates an account, may take; when it is over its row in the store says. */
export const FLOW_TTL_S = 60 * 60
/** By how much the clocks of two of an application's machines may differ; iron-session's own figure. */
const CLOCK_SKEW_MS = 60_000
/** Longer than any seal of ours: junk is thrown away before any cryptography. */
const MAX_SEAL = 2_048
const SESSION = 'session cookie'
const FLOW = 'flow cookie'
/** What iron-session makes, down to its version mark, which stands outside of what is authenticated. */
const sealPattern = /^Fe26\.2(\*[\w-]*){7}~\d$/

/** How cookies are named and flagged under a public URL. */
export interface CookieScope {
  readonly isSecure: boolean
  /** `__Host-` ties a cookie to this very host and https; browsers refuse it on plain http. */
  readonly prefix: string
  /**
   * On http the port: cookies ignore ports (RFC 6265 §8.5), and two applications on 127.0.0.1 are two. Then Next's
   * `basePath`: `__Host-` cookies are sent to every path, and two applications on one host are two as well.
   */
  readonly suffix: string
}

/** @param publicUrl an origin, with Next's `basePath` behind it if there is one */
export function cookieScope(publicUrl: string): CookieScope {
  const { protocol, port, pathname } = new URL(publicUrl)
  const path = pathname.replace(/\/$/, '').replaceAll(/[^a-z0-9]+/gi, '.')
  if (protocol === 'https:') return { isSecure: true, prefix: '__Host-', suffix: path }
  return { isSecure: false, prefix: '', suffix: `-${port || '80'}${path}` }
}

export function sessionCookieName({ prefix, suffix }: CookieScope): string {
  return `${prefix}atproto-session${suffix}`
}

export function sealSessionCookie(cookie: SessionCookie, secrets: Secrets, ttlS: number): Promise<string> {
  return seal({ ...cookie }, secrets, SESSION, ttlS)
}

/**
 * The content of a session cookie; undefined when it is not one of ours or has expired.
 *
 * @param memo where the content of cookies that were opened before is found. It counts only as long as the secret
 *   is still in the list and the cookie has not expired
 */
export async function openSessionCookie(
  text: string,
  secrets: Secrets,
  memo?: SessionCookieMemo,
): Promise<SessionCookie | undefined> {
  if (!looksLikeSeal(text)) return undefined
  const known = await sealKeys(secrets, SESSION)
  const opened = await memo?.get(text)
  const isCurrent =
    opened && known.some(({ kid }) => kid === opened.kid) && opened.expiresAt > Date.now() - CLOCK_SKEW_MS
  if (isCurrent) return opened.content
  const content = parseSessionCookie(await open(text, secrets, SESSION))
  const { keyId, expiresAt } = shownBy(text)
  const kid = known.find(({ id }) => id === keyId)?.kid
  if (content && kid !== undefined) await memo?.set(text, { content, kid, expiresAt })
  return content
}

/** Whether a session cookie that opens was sealed with the newest secret; else it should be sealed anew. */
export async function hasNewestSeal(text: string, secrets: Secrets): Promise<boolean> {
  const [newest] = await sealKeys(secrets, SESSION)
  return shownBy(text).keyId === newest.id
}

export function sealFlowCookie(state: string, secrets: Secrets): Promise<string> {
  return seal({ state }, secrets, FLOW, FLOW_TTL_S)
}

/** Whether the cookie was given to the browser that began the sign-in with this `state`. */
export async function isFlowCookieOf(state: string, text: string, secrets: Secrets): Promise<boolean> {
  const content = await open(text, secrets, FLOW)
  // Both were sealed or guessed as a whole: 256 random bits leave nothing for a comparison to give away.
  return content.state === state
}

/** Whether a text has at least the form of a seal. */
export function looksLikeSeal(text: string): boolean {
  return text.length <= MAX_SEAL && sealPattern.test(text)
}

/**
 * The value of a cookie in a `Cookie` header; undefined when it is absent or there twice: of two cookies of one
 * name, one was tossed in by a neighbour.
 */
export function readCookie(header: string | null, name: string): string | undefined {
  const values = readCookies(header, name)
  return values.length === 1 ? values[0] : undefined
}

/** Every value that a `Cookie` header has under that name. */
export function readCookies(header: string | null, name: string): readonly string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** The attributes of every cookie of ours, as an object. */
export function cookieAttributes(maxAgeS: number, { isSecure }: CookieScope) {
  return { path: '/', maxAge: maxAgeS, httpOnly: true, sameSite: 'lax', secure: isSecure } as const
}

/** A `Set-Cookie` value with the fixed attributes; a lifetime of 0 removes the cookie. */
export function setCookie(name: string, value: string, maxAgeS: number, { isSecure }: CookieScope): string {
  const secure = isSecure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`
}

function parseSessionCookie({ did, sessionIds }: Record<string, unknown>): SessionCookie | undefined {
  if (typeof did !== 'string' || !Array.isArray(sessionIds)) return undefined
  const [active, ...others] = sessionIds.filter((id) => typeof id === 'string')
  if (active === undefined || sessionIds.length > MAX_ACCOUNTS) return undefined
  return { did, sessionIds: [active, ...others] }
}

async function seal(content: object, secrets: Secrets, purpose: string, ttlS: number): Promise<string> {
  const [{ id, password }] = await sealKeys(secrets, purpose)
  return sealData(content, { password: { [id]: password }, ttl: ttlS })
}

async function open(text: string, secrets: Secrets, purpose: string): Promise<Record<string, unknown>> {
  // Every seal of ours has an end.
  if (!looksLikeSeal(text) || Number.isNaN(shownBy(text).expiresAt)) return {}
  const known = await sealKeys(secrets, purpose)
  const passwords = Object.fromEntries(known.map(({ id, password }) => [id, password]))
  const content: unknown = await unsealData(text, { password: passwords })
  return typeof content === 'object' && content !== null ? { ...content } : {}
}

/** What a seal shows of itself; to be believed only once it has opened. */
function shownBy(text: string): { readonly keyId: string; readonly expiresAt: number } {
  const [, keyId = '', , , , expiration = ''] = text.split('*')
  return { keyId, expiresAt: Number.parseInt(expiration, 10) }
}

/** One key of a purpose, as iron-session wants it. */
interface SealKey {
  readonly kid: string
  /** iron-session names passwords by number; ours are hashes of the keys, so they outlive a rotation. */
  readonly id: string
  readonly password: string
}

type SealKeys = readonly [SealKey, ...SealKey[]]

/** Derived once for each list of secrets and purpose, not with every request. */
const derived = new WeakMap<Secrets, Map<string, Promise<SealKeys>>>()

function sealKeys(secrets: Secrets, purpose: string): Promise<SealKeys> {
  const known = derived.get(secrets) ?? new Map<string, Promise<SealKeys>>()
  derived.set(secrets, known)
  const found = known.get(purpose) ?? deriveSealKeys(secrets, purpose)
  known.set(purpose, found)
  return found
}

async function deriveSealKeys(secrets: Secrets, purpose: string): Promise<SealKeys> {
  const [newest, ...older] = await deriveKeys(secrets, purpose)
  return [toSealKey(newest), ...older.map(toSealKey)]
}

function toSealKey({ kid, bytes }: DerivedKey): SealKey {
  const id = base64url.decode(kid).reduce((number, byte) => (number * 256 + byte) % 2 ** 32, 0)
  return { kid, id: String(id), password: base64url.encode(bytes) }
}
