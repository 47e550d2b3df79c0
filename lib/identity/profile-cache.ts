/**
 * Public profiles in memory. Unlike the other caches it keeps the last answer when the next look-up fails: a name that
 * cannot be asked for now is not gone.
 */
import { BoundedMap } from '../bounded-map.ts'

/** What everyone may know of an account. */
export interface PublicProfile {
  /** Verified both ways; undefined when the account has none that leads back to it. */
  readonly handle: string | undefined
  /** On one line, at most 64 letters; anyone may take any name. Undefined when there is none. */
  readonly displayName: string | undefined
  /**
   * https address of the picture on the account's PDS (on a local network http); undefined when there is none. Always
   * made from the record's CID, never taken from the record.
   */
  readonly avatar: string | undefined
  /** False when a server could not be asked now: what it would have said is what it said last, or undefined. */
  readonly isComplete: boolean
}

export interface ProfileCache {
  /**
   * Returns the cached profile, or that of `load`, which must not fail when servers do. Callers that want the same one at
   * the same time share one look-up.
   *
   * @param load receives the profile that is known so far
   * @param now epoch milliseconds
   */
  recall(
    key: string,
    load: (last: PublicProfile | undefined) => Promise<PublicProfile>,
    now: () => number,
  ): Promise<PublicProfile>
  /** The profile that was found last, however old. */
  lastKnown(key: string): PublicProfile | undefined
}

interface Entry {
  profile: PublicProfile | undefined
  lookUp: Promise<PublicProfile> | undefined
  /** Epoch milliseconds. */
  expiresAt: number
}

/** About 2 KB each. */
const MAX_ENTRIES = 1_000
const COMPLETE_MS = 10 * 60_000
const INCOMPLETE_MS = 30_000

/** Returns an empty cache. Beyond 1,000 entries the least recently used one is dropped. */
export function createProfileCache(): ProfileCache {
  const entries = new BoundedMap<string, Entry>(MAX_ENTRIES)
  return {
    lastKnown: (key) => entries.get(key)?.profile,
    recall(key, load, now) {
      const entry = entries.get(key) ?? { profile: undefined, lookUp: undefined, expiresAt: 0 }
      entries.set(key, entry)
      if (entry.profile && entry.expiresAt > now()) return Promise.resolve(entry.profile)
      entry.lookUp ??= settle(entry, load, now)
      return entry.lookUp
    },
  }
}

async function settle(
  entry: Entry,
  load: (last: PublicProfile | undefined) => Promise<PublicProfile>,
  now: () => number,
): Promise<PublicProfile> {
  try {
    const profile = await load(entry.profile)
    entry.profile = profile
    entry.expiresAt = now() + (profile.isComplete ? COMPLETE_MS : INCOMPLETE_MS)
    return profile
  } finally {
    entry.lookUp = undefined
  }
}
