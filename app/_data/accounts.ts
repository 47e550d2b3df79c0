/** The accounts of this browser, with the names and pictures that the account menu shows. */
import 'server-only'
import { AtprotoAuthError, type BrowserAccount, type OAuthSession } from 'next-atproto-auth'
import type { AccountProfile } from 'next-atproto-auth/react'
import { auth } from '../../auth.ts'
import { isShowable } from './blob.ts'
import { readProfile } from './profile.ts'
import { type Profile, recallProfile, rememberProfile } from './profile-memory.ts'

/** An account with what is known of its profile; `avatar` is a path of this app. */
export type NamedAccount = BrowserAccount & AccountProfile

/** Nobody waits longer for a name in the header. */
const patienceMs = 1_500
const unknown: Profile = { handle: undefined, displayName: undefined, avatar: undefined }

/** The accounts, the active one first; empty for a visitor. A server that is slow or silent costs only names. */
export async function readMenuAccounts(session: OAuthSession | null): Promise<readonly NamedAccount[]> {
  const accounts = await auth.listAccounts()
  return Promise.all(
    accounts.map(async (account) => {
      const isOwn = session !== null && session.did === account.did
      const profile = await readSoon(account.did, isOwn ? session : undefined)
      const { handle, displayName } = profile
      return { ...account, handle, displayName, avatar: avatarPath(account.did, profile) }
    }),
  )
}

/**
 * The session of an account of this browser, active or not, to read what is public about it; null for any other
 * account, and when its session is over.
 */
export async function openAccount(did: string): Promise<OAuthSession | null> {
  const accounts = await auth.listAccounts()
  const account = accounts.find((one) => one.did === did)
  if (account?.status !== 'active') return null
  try {
    return await auth.restore(did)
  } catch (error) {
    // Ended meanwhile, or its server does not answer: no reason to trouble the account that is in use.
    if (error instanceof AtprotoAuthError) return null
    throw error
  }
}

/** @param active the session, where it is the account in use; its page is about to read the profile anyway */
async function readSoon(did: string, active: OAuthSession | undefined): Promise<Profile> {
  const fresh = recallProfile(did, active ? 60_000 : 10 * 60_000)
  if (fresh) return fresh
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs, undefined))
  const answer = await Promise.race([read(did, active), late])
  if (answer?.ok) return answer.value
  const known = recallProfile(did, Number.POSITIVE_INFINITY) ?? unknown
  // Or every page would wait again for a server that is down.
  if (!active) rememberProfile(did, known)
  return known
}

async function read(did: string, active: OAuthSession | undefined) {
  const session = active ?? (await openAccount(did))
  return session ? readProfile(session) : undefined
}

/** Where this app shows the avatar of one of the browser's accounts; undefined when there is none to show. */
export function avatarPath(did: string, { avatar }: Pick<Profile, 'avatar'>): string | undefined {
  // The cid is there for the browser's cache only, so that a new picture shows at once; the route ignores it.
  return isShowable(avatar) ? `/avatar?${new URLSearchParams({ did, v: avatar.cid })}` : undefined
}
