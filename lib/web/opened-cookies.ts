/**
 * Remembers what opened cookies hold: opening one takes a key derivation and two passes of cryptography, and a
 * browser sends the same cookie with every request. Only what the seal proved gets in here, under the hash of the
 * whole cookie. Part of the middleware's closure.
 */

import { BoundedMap } from '../bounded-map.ts'

/** What one cookie holds, and what has to be true for it to count. */
export interface OpenedCookie<Content> {
  readonly content: Content
  /** The key that it was sealed with. */
  readonly kid: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface CookieMemo<Content> {
  get(text: string): Promise<OpenedCookie<Content> | undefined>
  set(text: string, opened: OpenedCookie<Content>): Promise<void>
}

const MAX_COOKIES = 1_000

/** @param hash SHA-256 of a text: on Node the one that answers on the spot, on the edge Web Crypto's */
export function createCookieMemo<Content>(
  hash: (text: string) => string | Promise<string>,
): CookieMemo<Content> {
  const known = new BoundedMap<string, OpenedCookie<Content>>(MAX_COOKIES)

  return {
    async get(text) {
      const key = await hash(text)
      const opened = known.get(key)
      // Setting it again makes it the newest: the one that was not asked for the longest gives way.
      if (opened) known.set(key, opened)
      return opened
    },
    async set(text, opened) {
      known.set(await hash(text), opened)
    },
  }
}
