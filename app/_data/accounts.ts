/** The accounts that are signed in in this browser, with the names and pictures that the account menu shows. */
import 'server-only'
import { AtprotoAuthError, type BrowserAccount, type OAuthSession } from 'next-atproto-auth'
import type { AccountProfile } from 'next-atproto-auth/react'
import { auth } from '../../auth.ts'
import { isShowable } from './blob.ts'
import { readProfile } from './profile.ts'
import { cacheProfile, findCachedProfile, type Profile } from './profile-cache.ts'

/** An account with what is known of its profile; `avatar` is a path in this app. */
export type NamedAccount = BrowserAccount & AccountProfile

/** The header does not wait longer for a profile. */
const profileTimeoutMs = 1_500
const unknown: Profile = { handle: undefined, displayName: undefined, avatar: undefined }

/** The accounts, the active one first; empty for a visitor. If a server does not answer in time, names are missing. */
export async function readMenuAccounts(session: OAuthSession | null): Promise<readonly NamedAccount[]> {
  const accounts = await auth.listAccounts()
  return Promise.all(
    accounts.map(async (account) => {
      const isOwn = session !== null && session.did === account.did
      const profile = await readInTime(account.did, isOwn ? session : undefined)
      const { handle, displayName } = profile
      return { ...account, handle, displayName, avatar: avatarPath(account.did, profile) }
    }),
  )
}

/**
 * The session of an account that is signed in in this browser, active or not, to read its public profile. Null for any
 * other account, and when the session has ended or cannot be restored now.
 */
export async function restoreAccount(did: string): Promise<OAuthSession | null> {
  const accounts = await auth.listAccounts()
  const account = accounts.find((one) => one.did === did)
  if (account?.status !== 'active') return null
  try {
    return await auth.restore(did)
  } catch (error) {
    // The session has ended, or its server does not answer: the header does without this account's profile.
    if (error instanceof AtprotoAuthError) return null
    throw error
  }
}

/**
 * The profile. When its server is slow, an older one from the cache, or none.
 *
 * @param active the session if the account is the active one; its page reads the profile in any case
 */
async function readInTime(did: string, active: OAuthSession | undefined): Promise<Profile> {
  const fresh = findCachedProfile(did, active ? 60_000 : 10 * 60_000)
  if (fresh) return fresh
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, profileTimeoutMs, undefined))
  const answer = await Promise.race([read(did, active), late])
  if (answer?.ok) return answer.value
  const known = findCachedProfile(did, Number.POSITIVE_INFINITY) ?? unknown
  // Cached, so that the next page does not wait for the same server again.
  if (!active) cacheProfile(did, known)
  return known
}

async function read(did: string, active: OAuthSession | undefined) {
  const session = active ?? (await restoreAccount(did))
  return session ? readProfile(session) : undefined
}

/** The path in this app of an account's avatar; undefined when there is none to show. */
export function avatarPath(did: string, { avatar }: Pick<Profile, 'avatar'>): string | undefined {
  // The route ignores `v`: it changes with the picture, so that the browser's cache does not show an old one.
  return isShowable(avatar) ? `/avatar?${new URLSearchParams({ did, v: avatar.cid })}` : undefined
}
