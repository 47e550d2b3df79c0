/** An account of the menu, and the names it is shown by: in a file of its own, because server and browser call it. */
import type { AccountProfile } from '../session/browser-session.ts'

/** An account from `auth.listAccounts()`, with profile data if the application has it. */
export interface MenuAccount extends AccountProfile {
  readonly did: string
  readonly isActive: boolean
  readonly status: 'active' | 'reauth_required'
}

/** Returns a copy with the known fields only: it goes to the browser, whatever the application has added. */
export function toMenuAccount(account: MenuAccount): MenuAccount {
  const { did, isActive, status, handle, displayName, avatar } = account
  return { did, isActive, status, handle, displayName, avatar }
}

/** Anything but spaces and characters that are never seen: a name can consist of them. */
const visible = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u

/** Returns the name to show for an account: its display name, its handle or its DID. */
export function nameOf(account: MenuAccount): string {
  return displayNameOf(account) ?? handleOf(account)
}

/** Returns the display name; undefined if nothing of it can be seen. */
export function displayNameOf({ displayName }: MenuAccount): string | undefined {
  return visible.test(displayName ?? '') ? displayName : undefined
}

/** Returns the handle to show for an account, or its DID. */
export function handleOf({ handle, did }: MenuAccount): string {
  return handle ? `@${handle}` : did
}

/** Inserts the name into a text. */
export function insertName(text: string, name: string): string {
  // A function, because `$&` in a name would otherwise have a special meaning.
  return text.replace('{name}', () => name)
}
