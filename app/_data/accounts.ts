/** The accounts of this browser, with the names and pictures that the account menu shows. */
import 'server-only'
import type { BrowserAccount, OAuthSession } from 'next-atproto-auth'
import { auth } from '../../auth.ts'
import { isShowable } from './blob.ts'
import { type Profile, readProfile } from './profile.ts'
import { recallProfile } from './profile-memory.ts'

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

/** The accounts, the active one first; empty for a visitor. A server that is slow or silent costs only names. */
export async function readMenuAccounts(session: OAuthSession | null): Promise<readonly MenuAccount[]> {
  const accounts = await auth.listAccounts()
  return Promise.all(
    accounts.map(async (account) => {
      const own = session?.did === account.did ? session : undefined
      return toMenuAccount(account, own ? await readSoon(own) : recallProfile(account.did))
    }),
  )
}

async function readSoon(session: OAuthSession): Promise<Profile | undefined> {
  const known = recallProfile(session.did)
  if (known?.isFresh) return known
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs, undefined))
  const answer = await Promise.race([readProfile(session), late])
  return answer?.ok ? answer.value : known
}

function toMenuAccount(account: BrowserAccount, profile: Profile | undefined): MenuAccount {
  const handle = profile?.handle === undefined ? undefined : `@${profile.handle}`
  const name = profile?.displayName ?? handle ?? shorten(account.did)
  // Routes show pictures of the active account only.
  const avatar = account.isActive && profile ? avatarPath(profile) : undefined
  return { ...account, name, handle: handle === name ? undefined : handle, avatar }
}

/** Where this app shows the signed-in person's avatar; undefined when there is none to show. */
export function avatarPath({ avatar }: Pick<Profile, 'avatar'>): string | undefined {
  // The cid is there for the browser's cache only, so that a new picture shows at once; the route ignores it.
  return isShowable(avatar) ? `/avatar?v=${encodeURIComponent(avatar.cid)}` : undefined
}

function shorten(did: string): string {
  return did.length > 24 ? `${did.slice(0, 16)}…${did.slice(-4)}` : did
}
