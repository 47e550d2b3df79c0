/** The result of `auth.getSessionStatus()`, also for the components. */
import 'server-only'
import type { ReauthReason } from '../../oauth/records/session-row.ts'
import type { SessionCookie } from '../../web/session-cookie.ts'
import { readActiveAccount } from '../accounts/cookie-accounts.ts'
import type { Config } from '../config/load-config.ts'

/**
 * Whether someone is signed in. `reauth_required`: an account was, and has to sign in again. The `reason` is `revoked` when
 * its server refused the refresh token, `account_moved` when it is on another server now, `account_mismatch` when its
 * server sent tokens of another account, and `scope_changed`, only in development, when the option `scope` has changed,
 * which makes another client.
 */
export type SessionStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'active'; readonly did: string }
  | { readonly kind: 'reauth_required'; readonly did: string; readonly reason: ReauthReason }

/**
 * The status of a cookie's active account.
 *
 * @throws StoreUnavailableError
 */
export async function readSessionStatus(
  cookie: SessionCookie | undefined,
  config: Pick<Config, 'client' | 'formerSessions'>,
): Promise<SessionStatus> {
  const account = cookie && (await readActiveAccount(cookie, config))
  if (!account) return { kind: 'none' }
  const { did, reason } = account
  return reason === undefined ? { kind: 'active', did } : { kind: 'reauth_required', did, reason }
}
