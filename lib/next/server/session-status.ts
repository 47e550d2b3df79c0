/** The result of `auth.getSessionStatus()`, also for the components. */
import 'server-only'
import type { ReauthReason } from '../../oauth/records/session-row.ts'

/** Whether someone is signed in. `reauth_required`: an account was, and its server requires a new sign-in. */
export type SessionStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'active'; readonly did: string }
  | { readonly kind: 'reauth_required'; readonly did: string; readonly reason: ReauthReason }
