/**
 * Profiles that this process has read lately, so that the header of each page need not call the server of each account.
 * It holds only what is public: names and pictures.
 */
import 'server-only'
import type { BlobRef } from './blob.ts'

export interface Profile {
  /** Undefined when the handle does not resolve to the account, or could not be verified. */
  readonly handle: string | undefined
  readonly displayName: string | undefined
  readonly avatar: BlobRef | undefined
}

interface Entry {
  readonly profile: Profile
  /** Epoch milliseconds. */
  readonly readAt: number
}

const maxEntries = 1_000

// Next makes an instance of this module for each page and route bundle; the symbol lets them share one map.
const key = Symbol.for('next-atproto/profiles')

/** The profile of an account if it was read at most `maxAgeMs` ago. */
export function findCachedProfile(did: string, maxAgeMs: number): Profile | undefined {
  const entry = entries().get(did)
  return entry && Date.now() - entry.readAt < maxAgeMs ? entry.profile : undefined
}

/** Keeps a profile, in the place of the oldest one when there are too many. */
export function cacheProfile(did: string, profile: Profile): void {
  const all = entries()
  all.delete(did)
  all.set(did, { profile, readAt: Date.now() })
  const [oldest] = all.keys()
  if (all.size > maxEntries && oldest !== undefined) all.delete(oldest)
}

function entries(): Map<string, Entry> {
  const known: unknown = Reflect.get(globalThis, key)
  if (known instanceof Map) return known
  const made = new Map<string, Entry>()
  Reflect.set(globalThis, key, made)
  return made
}
