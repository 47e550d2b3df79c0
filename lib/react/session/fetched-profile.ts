/** The profile that the browser has fetched from the session route, and how it is shown in place of what was rendered. */
import type { AccountProfile, BrowserSession } from './browser-session.ts'

export interface FetchedProfile extends AccountProfile {
  readonly did: string
  /** False when a server could not be asked: a field that is missing then says nothing. */
  readonly isComplete: boolean
}

/**
 * The profile of an answer of the session route; undefined when the answer names no account. What could not be asked now
 * stays as it was last.
 */
export function toFetchedProfile(
  session: BrowserSession,
  isComplete: boolean,
  last: FetchedProfile | undefined,
): FetchedProfile | undefined {
  if (!('did' in session)) return undefined
  const { did } = session
  const known = !isComplete && last?.did === did ? last : undefined
  return { did, isComplete, ...preferring(session, known) }
}

/** The account with the fields of its fetched profile; unchanged when the profile is that of another account. */
export function withProfile<Account extends AccountProfile & { readonly did: string }>(
  account: Account,
  profile: FetchedProfile | undefined,
): Account {
  if (profile?.did !== account.did) return account
  return { ...account, ...preferring(profile, profile.isComplete ? undefined : account) }
}

function preferring(one: AccountProfile, other: AccountProfile = {}): AccountProfile {
  return {
    handle: one.handle ?? other.handle,
    displayName: one.displayName ?? other.displayName,
    avatar: one.avatar ?? other.avatar,
  }
}
