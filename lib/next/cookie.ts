/**
 * The cookies of this library, sealed by iron-session with keys of their own purpose. Nothing is believed of a
 * cookie but what the seal proves; a session cookie names a session, which the store then has or has not.
 * Part of the middleware's closure: edge-safe, no node: module, no store.
 */
import { sealData, unsealData } from 'iron-session'
import * as base64url from 'jose/base64url'
import { type DerivedKey, deriveKeys } from '../crypto/derive.ts'

/** What the session cookie holds. */
export interface SessionCookie {
  readonly did: string
  readonly sessionId: string
}

/** Newest first, at least one. */
export type Secrets = readonly [string, ...string[]]

export const FLOW_TTL_S = 30 * 60
/** Longer than any seal of ours: junk is thrown away before any cryptography. */
const MAX_SEAL = 2_048
const sealPattern = /^Fe26\.2\*[A-Za-z0-9*_~-]+$/

/** The secrets in an environment variable: newest first, separated by commas. */
export function parseSecrets(text: string | undefined): Secrets | undefined {
  const parts = (text ?? '').split(',').map((secret) => secret.trim())
  const [newest, ...older] = parts.filter(Boolean)
  return newest === undefined ? undefined : [newest, ...older]
}

/** How cookies are named and flagged under a public URL. */
export interface CookieScope {
  readonly isSecure: boolean
  /** `__Host-` ties a cookie to this very host and https; browsers refuse it on plain http. */
  readonly prefix: string
  /** On http the port: cookies ignore ports (RFC 6265 §8.5), and two applications on 127.0.0.1 are two. */
  readonly suffix: string
}

export function cookieScope(publicUrl: string): CookieScope {
  const { protocol, port } = new URL(publicUrl)
  if (protocol === 'https:') return { isSecure: true, prefix: '__Host-', suffix: '' }
  return { isSecure: false, prefix: '', suffix: `-${port || '80'}` }
}

export function sessionCookieName({ prefix, suffix }: CookieScope): string {
  return `${prefix}atproto-session${suffix}`
}

export function sealSessionCookie(cookie: SessionCookie, secrets: Secrets, ttlS: number): Promise<string> {
  return seal({ ...cookie }, secrets, 'session cookie', ttlS)
}

/** The content of a session cookie; undefined when it is not one of ours or has expired. */
export async function openSessionCookie(text: string, secrets: Secrets): Promise<SessionCookie | undefined> {
  const content = await open(text, secrets, 'session cookie')
  const { did, sessionId } = content
  return typeof did === 'string' && typeof sessionId === 'string' ? { did, sessionId } : undefined
}

export function sealFlowCookie(state: string, secrets: Secrets): Promise<string> {
  return seal({ state }, secrets, 'flow cookie', FLOW_TTL_S)
}

/** Whether the cookie was given to the browser that began the sign-in with this `state`. */
export async function isFlowCookieOf(state: string, text: string, secrets: Secrets): Promise<boolean> {
  const content = await open(text, secrets, 'flow cookie')
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
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  return values.length === 1 ? values[0] : undefined
}

/** A `Set-Cookie` value with the fixed attributes; a lifetime of 0 removes the cookie. */
export function setCookie(name: string, value: string, maxAgeS: number, { isSecure }: CookieScope): string {
  const secure = isSecure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`
}

function seal(content: object, secrets: Secrets, purpose: string, ttlS: number): Promise<string> {
  return passwords(secrets, purpose).then(([newest]) => sealData(content, { password: newest, ttl: ttlS }))
}

async function open(text: string, secrets: Secrets, purpose: string): Promise<Record<string, unknown>> {
  if (!looksLikeSeal(text)) return {}
  const known = await passwords(secrets, purpose)
  const content: unknown = await unsealData(text, { password: Object.assign({}, ...known) })
  return typeof content === 'object' && content !== null ? { ...content } : {}
}

type Passwords = readonly [Record<string, string>, ...Record<string, string>[]]

/** Derived once for each list of secrets and purpose, not with every request. */
const derived = new WeakMap<Secrets, Map<string, Promise<Passwords>>>()

function passwords(secrets: Secrets, purpose: string): Promise<Passwords> {
  const known = derived.get(secrets) ?? new Map<string, Promise<Passwords>>()
  derived.set(secrets, known)
  const found = known.get(purpose) ?? derivePasswords(secrets, purpose)
  known.set(purpose, found)
  return found
}

/** iron-session names passwords by number; ours are hashes of the keys, so they outlive a rotation. */
async function derivePasswords(secrets: Secrets, purpose: string): Promise<Passwords> {
  const [newest, ...older] = await deriveKeys(secrets, purpose)
  return [toPassword(newest), ...older.map(toPassword)]
}

function toPassword({ kid, bytes }: DerivedKey): Record<string, string> {
  const id = base64url.decode(kid).reduce((number, byte) => (number * 256 + byte) % 2 ** 32, 0)
  return { [id]: base64url.encode(bytes) }
}
