/** The accounts of one browser: which sessions its cookie names, and what is in it after a change. */
import 'server-only'
import type { Did } from '../../identity/syntax.ts'
import type { SessionSummary } from '../../oauth/records/session-summary.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { MAX_ACCOUNTS, type SessionCookie } from '../../web/session-cookie.ts'
import type { Runtime } from '../config/load-config.ts'
import { tellSignOut } from '../events/hooks.ts'

/** An account that is signed in in this browser. */
export interface BrowserAccount {
  readonly did: Did
  /** Whether it is the one that `getSession` gives while its session can be used. */
  readonly isActive: boolean
  /** `reauth_required`: its session needs a new sign-in. */
  readonly status: 'active' | 'reauth_required'
}

interface Entry {
  readonly sessionId: string
  readonly did: Did
  readonly summary: SessionSummary
}

/** What is in a browser's cookie after a sign-in. */
export interface AccountsAfterSignIn {
  readonly cookie: SessionCookie
  /** Ids of sessions that gave way and are still to be ended. */
  readonly replaced: readonly string[]
}

/**
 * The account that a cookie makes the active one, if its session still is one of that account.
 *
 * @throws StoreUnavailableError
 */
export async function readActiveAccount(
  { did, sessionIds }: SessionCookie,
  { client }: Runtime,
): Promise<SessionSummary | undefined> {
  const summary = await client.describeSession(sessionIds[0])
  return summary?.did === did ? summary : undefined
}

/** @throws StoreUnavailableError */
export async function listAccounts(
  cookie: SessionCookie,
  runtime: Runtime,
): Promise<readonly BrowserAccount[]> {
  const accounts = new Map<Did, BrowserAccount>()
  for (const { sessionId, did, summary } of await readEntries(cookie, runtime)) {
    const isActive = sessionId === cookie.sessionIds[0]
    if (accounts.has(did)) continue
    accounts.set(did, { did, isActive, status: summary.isActive ? 'active' : 'reauth_required' })
  }
  return [...accounts.values()]
}

/**
 * The accounts after a sign-in: the new one is the active one, in place of an earlier session of the same account;
 * of more than five the one that was active the longest ago gives way.
 */
export async function addAccount(
  previous: SessionCookie | undefined,
  session: OAuthSession,
  { client }: Runtime,
): Promise<AccountsAfterSignIn> {
  const described = await Promise.all(
    (previous?.sessionIds ?? []).map(async (sessionId) => {
      // The sign-in is done: for a store that fails just now an account is kept rather than lost.
      const owner = await client.describeSession(sessionId).then(
        (summary) => summary?.did,
        () => 'unknown',
      )
      return { sessionId, owner }
    }),
  )
  const known = described.filter(({ owner }) => owner !== undefined)
  const isOther = ({ owner }: { readonly owner: string | undefined }) => owner !== session.did
  const others = known.filter(isOther).slice(0, MAX_ACCOUNTS - 1)
  return {
    cookie: { did: session.did, sessionIds: [session.id, ...others.map(({ sessionId }) => sessionId)] },
    replaced: known.filter((entry) => !others.includes(entry)).map(({ sessionId }) => sessionId),
  }
}

/**
 * The accounts with another one active; undefined when this browser has no such account.
 *
 * @throws StoreUnavailableError
 */
export async function switchTo(
  cookie: SessionCookie,
  did: string,
  runtime: Runtime,
): Promise<SessionCookie | undefined> {
  const entries = await readEntries(cookie, runtime)
  const target = entries.find((entry) => entry.did === did)
  return target && toCookie([target, ...entries.filter((entry) => entry !== target)])
}

/** Which session a sign-out ends. */
export interface SignOutTarget {
  /** Which account; default the active one. */
  readonly did?: string | undefined
  /** In all browsers; only an account whose session can still be used has that power. */
  readonly everywhere?: boolean | undefined
  /** All accounts of this browser, here alone, whatever else is said. */
  readonly all?: boolean | undefined
}

/**
 * Ends an account's session, here and at its server; the accounts that are left, the first of them active.
 *
 * @throws StoreUnavailableError when a session could not be removed
 */
export async function signOutOf(
  cookie: SessionCookie,
  { did = cookie.did, everywhere = false, all = false }: SignOutTarget,
  runtime: Runtime,
): Promise<SessionCookie | undefined> {
  const { client, hooks, log } = runtime
  const entries = await readEntries(cookie, runtime)
  const own = entries.filter((entry) => all || entry.did === did)
  const isEverywhere = everywhere && !all && own.some(({ summary }) => summary.isActive)
  if (isEverywhere) await client.revoke(did)
  else await Promise.all(own.map((entry) => client.revoke(entry.did, { sessionId: entry.sessionId })))
  for (const ended of new Set(own.map((entry) => entry.did)))
    await tellSignOut({ did: ended, everywhere: isEverywhere }, hooks, log)
  return toCookie(entries.filter((entry) => !own.includes(entry)))
}

/**
 * Ends the session of that id, whosever it is.
 *
 * @throws StoreUnavailableError
 */
export async function endSession(sessionId: string, { client }: Runtime): Promise<void> {
  const summary = await client.describeSession(sessionId)
  if (summary) await client.revoke(summary.did, { sessionId })
}

/** The sessions of a cookie that the store still has, in its order. */
async function readEntries(cookie: SessionCookie, { client }: Runtime): Promise<readonly Entry[]> {
  const entries = await Promise.all(
    cookie.sessionIds.map(async (sessionId, at) => {
      const summary = await client.describeSession(sessionId)
      // The row says whose session it is, and for the active one the cookie has to say the same.
      return summary && (at > 0 || summary.did === cookie.did)
        ? [{ sessionId, did: summary.did, summary }]
        : []
    }),
  )
  return entries.flat()
}

function toCookie([active, ...others]: readonly Entry[]): SessionCookie | undefined {
  if (!active) return undefined
  return { did: active.did, sessionIds: [active.sessionId, ...others.map(({ sessionId }) => sessionId)] }
}
