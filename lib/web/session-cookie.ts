/**
 * The session cookie: which sessions a browser has. It holds the active DID and session ids; the store decides whether
 * a session exists and whose it is. Imported by the middleware: runs on the edge.
 */
import { BoundedMap } from '../bounded-map.ts'
import type { Secrets } from '../config/secrets.ts'
import { sealKeys } from './cookie-keys.ts'
import { hasNewestSeal, looksLikeSeal, openCookie, sealCookie } from './cookie-seal.ts'

/** What the session cookie holds: the accounts that are signed in in this browser. */
export interface SessionCookie {
  /** The active account, whose session is the first. */
  readonly did: string
  /** One session for each account: the active one first, then in the order of their last activation. At most five. */
  readonly sessionIds: readonly [string, ...string[]]
}

/** An opened session cookie, and what has to hold for it to be used again. */
interface CachedCookie {
  readonly content: SessionCookie
  /** Id of the key that it was sealed with. */
  readonly kid: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * Opened session cookies, by the hash of the whole value. Opening one takes a key derivation and two passes of
 * cryptography, and a browser sends the same cookie with every request.
 */
export interface SessionCookieCache {
  get(value: string): Promise<CachedCookie | undefined>
  set(value: string, cached: CachedCookie): Promise<void>
}

export const MAX_ACCOUNTS = 5
const MAX_CACHED = 1_000
/** How far the clocks of two machines may differ; the value that iron-session uses. */
const CLOCK_SKEW_MS = 60_000
const PURPOSE = 'session cookie'

/** @param ttlS lifetime in seconds, as part of the seal */
export function sealSessionCookie(content: SessionCookie, secrets: Secrets, ttlS: number): Promise<string> {
  return sealCookie(content, { purpose: PURPOSE, secrets, ttlS })
}

/**
 * The content of a session cookie; undefined when it was not sealed here or has expired.
 *
 * @param cache opened cookies; one is used only while its secret is still configured and it has not expired
 */
export async function openSessionCookie(
  value: string,
  secrets: Secrets,
  cache?: SessionCookieCache,
): Promise<SessionCookie | undefined> {
  if (!looksLikeSeal(value)) return undefined
  const cached = await cache?.get(value)
  if (cached && (await isStillValid(cached, secrets))) return cached.content
  const opened = await openCookie(value, PURPOSE, secrets)
  const content = opened && parseContent(opened.content)
  if (content) await cache?.set(value, { content, kid: opened.kid, expiresAt: opened.expiresAt })
  return content
}

/** Whether a session cookie was sealed with the newest secret; otherwise it should be sealed again. */
export function isSealedWithNewestSecret(value: string, secrets: Secrets): Promise<boolean> {
  return hasNewestSeal(value, PURPOSE, secrets)
}

/** @param hash SHA-256 of a text: synchronous on Node.js, Web Crypto's on the edge */
export function createSessionCookieCache(
  hash: (text: string) => string | Promise<string>,
): SessionCookieCache {
  const cookies = new BoundedMap<string, CachedCookie>(MAX_CACHED)
  return {
    async get(value) {
      const key = await hash(value)
      const cached = cookies.get(key)
      // Setting it again makes it the newest, so that the least recently used one is evicted.
      if (cached) cookies.set(key, cached)
      return cached
    },
    async set(value, cached) {
      cookies.set(await hash(value), cached)
    },
  }
}

async function isStillValid({ kid, expiresAt }: CachedCookie, secrets: Secrets): Promise<boolean> {
  const keys = await sealKeys(secrets, PURPOSE)
  return keys.some((key) => key.kid === kid) && expiresAt > Date.now() - CLOCK_SKEW_MS
}

function parseContent({ did, sessionIds }: Readonly<Record<string, unknown>>): SessionCookie | undefined {
  if (typeof did !== 'string' || !Array.isArray(sessionIds)) return undefined
  const [active, ...others] = sessionIds.filter((id) => typeof id === 'string')
  if (active === undefined || sessionIds.length > MAX_ACCOUNTS) return undefined
  return { did, sessionIds: [active, ...others] }
}
