/** The part of a session that client components may see: who is signed in, but no tokens. */
import type { SessionStatus } from '../../next/server/session-status.ts'

/** Profile data of an account, from `auth.getProfile()` or from the application itself. */
export interface AccountProfile {
  readonly handle?: string | undefined
  readonly displayName?: string | undefined
  /** Address of a picture: https, or a path of this site. */
  readonly avatar?: string | undefined
}

/**
 * The result of `auth.getSessionStatus()`, with profile data if the application adds it. A session object is refused,
 * by its type and at run time. `unknown`: the session store could not be read, so it is not known whether someone is
 * signed in. Show neither a name nor an invitation to sign in.
 */
export type BrowserSession =
  | Extract<SessionStatus, { kind: 'none' }>
  | { readonly kind: 'unknown' }
  | (Exclude<SessionStatus, { kind: 'none' }> & AccountProfile)

/**
 * Returns a copy with the known fields only, so that other fields never reach the browser.
 *
 * @throws TypeError for anything but a session status, such as a session
 */
export function toBrowserSession(status: BrowserSession): BrowserSession {
  if (!isStatus(status)) {
    throw new TypeError('<SessionProvider> needs the result of auth.getSessionStatus(), not a session.')
  }
  if (status.kind === 'none' || status.kind === 'unknown') return { kind: status.kind }
  const profile = {
    handle: textOrNothing(status.handle),
    displayName: textOrNothing(status.displayName),
    avatar: textOrNothing(status.avatar),
  }
  const known = { did: status.did, ...profile }
  return status.kind === 'active'
    ? { kind: 'active', ...known }
    : { kind: 'reauth_required', reason: status.reason, ...known }
}

/** Checked at run time too, because a session is the object that applications usually have at hand. */
function isStatus(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false
  if (value.kind === 'none' || value.kind === 'unknown') return true
  const hasAccount = value.kind === 'active' || value.kind === 'reauth_required'
  return hasAccount && 'did' in value && typeof value.did === 'string'
}

/** If an `OAuthSession` was spread into the status, these names may hold functions. */
function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
