/**
 * Profiles that this process has seen lately, so that the header of every page does not ask every account's server.
 * Names and public pictures only.
 */
import 'server-only'
import type { Profile } from './profile.ts'

interface Entry {
  readonly profile: Profile
  /** Epoch milliseconds. */
  readonly readAt: number
}

/** Old enough to be asked for again, where that is possible. */
const freshMs = 60_000
const maxEntries = 1_000

// Each page and route bundle has a module instance of its own; this is shared by all of the process.
const key = Symbol.for('next-atproto/profiles')

/** What is known of an account's profile; undefined when nothing is. */
export function recallProfile(did: string): (Profile & { readonly isFresh: boolean }) | undefined {
  const entry = entries().get(did)
  return entry && { ...entry.profile, isFresh: Date.now() - entry.readAt < freshMs }
}

export function rememberProfile(did: string, profile: Profile): void {
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
