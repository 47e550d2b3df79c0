/** The accounts of this browser, with the names and pictures that the account menu shows. */
import 'server-only'
import { AtprotoAuthError, type BrowserAccount, type OAuthSession } from 'next-atproto-auth'
import { auth } from '../../auth.ts'
import { isShowable } from './blob.ts'
import { type Profile, readProfile } from './profile.ts'
import { recallProfile, rememberProfile } from './profile-memory.ts'

export interface MenuAccount extends BrowserAccount {
  /** Display name, else handle, else the DID, shortened. */
  readonly name: string
  /** With its `@`; undefined when it is not known or is the name already. */
  readonly handle: string | undefined
  /** Where the picture is; undefined when there is none to show. */
  readonly avatar: string | undefined
}

/** Nobody waits longer for a name in the header. */
const patienceMs = 1_500
const unknown: Profile = { handle: undefined, displayName: undefined, avatar: undefined }

/** The accounts, the active one first; empty for a visitor. A server that is slow or silent costs only names. */
export async function readMenuAccounts(session: OAuthSession | null): Promise<readonly MenuAccount[]> {
  const accounts = await auth.listAccounts()
  return Promise.all(
    accounts.map(async (account) => {
      const isOwn = session !== null && session.did === account.did
      return toMenuAccount(account, await readSoon(account.did, isOwn ? session : undefined))
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

function toMenuAccount(account: BrowserAccount, profile: Profile): MenuAccount {
  const handle = profile.handle === undefined ? undefined : `@${profile.handle}`
  const name = profile.displayName ?? handle ?? shorten(account.did)
  return {
    ...account,
    name,
    handle: handle === name ? undefined : handle,
    avatar: avatarPath(account.did, profile),
  }
}

/** Where this app shows the avatar of one of the browser's accounts; undefined when there is none to show. */
export function avatarPath(did: string, { avatar }: Pick<Profile, 'avatar'>): string | undefined {
  // The cid is there for the browser's cache only, so that a new picture shows at once; the route ignores it.
  return isShowable(avatar) ? `/avatar?${new URLSearchParams({ did, v: avatar.cid })}` : undefined
}

function shorten(did: string): string {
  return did.length > 24 ? `${did.slice(0, 16)}…${did.slice(-4)}` : did
}
