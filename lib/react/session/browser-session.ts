/** What a page's client components may know of a session: who it is, never what it can do. */
import type { SessionStatus } from '../../next/server/get-session.ts'

/** What an application knows about an account and wants to show; none of it is looked up here. */
export interface AccountProfile {
  readonly handle?: string | undefined
  readonly displayName?: string | undefined
  /** Address of a picture: https, or a path of this site. */
  readonly avatar?: string | undefined
}

/**
 * What `auth.getSessionStatus()` gives, with a profile if the application adds one. Nothing else can be in it: a
 * session itself is refused by its type, and again when it arrives.
 */
export type BrowserSession =
  | Extract<SessionStatus, { kind: 'none' }>
  | (Exclude<SessionStatus, { kind: 'none' }> & AccountProfile)

/**
 * A copy that holds the known fields and nothing else, so that what an object carries besides never reaches the
 * browser.
 *
 * @throws TypeError for anything that is not a session's status, such as a session
 */
export function toBrowserSession(status: BrowserSession): BrowserSession {
  if (!isStatus(status)) {
    throw new TypeError('<SessionProvider> takes what auth.getSessionStatus() gives, not a session.')
  }
  if (status.kind === 'none') return { kind: 'none' }
  const profile = {
    handle: textOrNothing(status.handle),
    displayName: textOrNothing(status.displayName),
    avatar: textOrNothing(status.avatar),
  }
  const known = { did: String(status.did), ...profile }
  return status.kind === 'active'
    ? { kind: 'active', ...known }
    : { kind: 'reauth_required', reason: status.reason, ...known }
}

/** Types are gone at run time, and a session is what people have at hand. */
function isStatus(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value))
  return isPlain && ['none', 'active', 'reauth_required'].includes(String(value.kind))
}

/** An `OAuthSession` that was spread into a status brings functions under these names. */
function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
