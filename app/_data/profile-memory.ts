/**
 * Profiles that this process has seen lately, so that the header of every page does not ask every account's server.
 * Names and public pictures only.
 */
import 'server-only'
import type { BlobRef } from './blob.ts'

export interface Profile {
  /** Undefined when handle and DID do not name each other, or nobody could say. */
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

// Each page and route bundle has a module instance of its own; this is shared by all of the process.
const key = Symbol.for('next-atproto/profiles')

/** An account's profile as it was at most `maxAgeMs` ago; undefined when nothing so recent is known. */
export function recallProfile(did: string, maxAgeMs: number): Profile | undefined {
  const entry = entries().get(did)
  return entry && Date.now() - entry.readAt < maxAgeMs ? entry.profile : undefined
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
