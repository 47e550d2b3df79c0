/** The accounts that a session cookie names, and what it names after a sign-in, a switch or a sign-out. */
import 'server-only'
import type { Did } from '../../identity/syntax.ts'
import type { SessionSummary } from '../../oauth/records/session-summary.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import { MAX_ACCOUNTS, type SessionCookie } from '../../web/session-cookie.ts'
import type { Config } from '../config/load-config.ts'
import { notifySignOut } from '../events/hooks.ts'

/** An account that is signed in in this browser. */
export interface BrowserAccount {
  readonly did: Did
  /** Whether it is the active account: the one that `getSession` returns while its session is usable. */
  readonly isActive: boolean
  /** `reauth_required`: the account has to sign in again. */
  readonly status: 'active' | 'reauth_required'
}

/** Which session a sign-out ends. */
export interface SignOutTarget {
  /** DID of the account; default the active one. */
  readonly did?: string | undefined
  /** Whether to sign out in all browsers; default false. Has an effect only while the account's session is usable. */
  readonly everywhere?: boolean | undefined
  /**
   * Whether to sign out all accounts of this browser, and in this browser only; overrides the other two. Default
   * false.
   */
  readonly all?: boolean | undefined
  /** With `everywhere`: whether to end the connections of the account, too; default false. */
  readonly connections?: boolean | undefined
}

/** The session cookie after a sign-in. */
interface CookieAfterSignIn {
  readonly cookie: SessionCookie
  /** Ids of sessions that were dropped from the cookie and have to be ended. */
  readonly replacedIds: readonly string[]
}

type ClientConfig = Pick<Config, 'client' | 'formerSessions'>

/** A session of the cookie that the store still has. */
interface Entry {
  readonly sessionId: string
  readonly did: Did
  readonly summary: SessionSummary
}

/**
 * The active account of a cookie; undefined when the store has no such session, or one of another account.
 *
 * @throws StoreUnavailableError
 */
export async function readActiveAccount(
  { did, sessionIds }: SessionCookie,
  config: ClientConfig,
): Promise<SessionSummary | undefined> {
  const summary = await describeSession(sessionIds[0], config)
  return summary?.did === did ? summary : undefined
}

/**
 * The accounts of a cookie, the active one first.
 *
 * @throws StoreUnavailableError
 */
export async function listAccounts(
  cookie: SessionCookie,
  config: ClientConfig,
): Promise<readonly BrowserAccount[]> {
  const accounts = new Map<Did, BrowserAccount>()
  for (const { sessionId, did, summary } of await readEntries(cookie, config)) {
    const isActive = sessionId === cookie.sessionIds[0]
    if (accounts.has(did)) continue
    accounts.set(did, { did, isActive, status: summary.isActive ? 'active' : 'reauth_required' })
  }
  return [...accounts.values()]
}

/**
 * The cookie after a sign-in: the new account is the active one and replaces an earlier session of the same account.
 * Beyond five accounts, the least recently active one is dropped.
 *
 * @param previousIds the sessions that the browser has, the most recently active one first
 */
export async function addAccount(
  previousIds: readonly string[],
  session: Pick<OAuthSession, 'id' | 'did'>,
  config: ClientConfig,
): Promise<CookieAfterSignIn> {
  const described = await Promise.all(
    previousIds.map(async (sessionId) => {
      // The sign-in is complete. If the store fails now, keep an account that may be gone rather than lose one.
      const owner = await describeSession(sessionId, config).then(
        (summary) => summary?.did,
        () => 'unknown',
      )
      return { sessionId, owner }
    }),
  )
  const known = described.filter(({ owner }) => owner !== undefined)
  const others = known.filter(({ owner }) => owner !== session.did).slice(0, MAX_ACCOUNTS - 1)
  return {
    cookie: { did: session.did, sessionIds: [session.id, ...others.map(({ sessionId }) => sessionId)] },
    replacedIds: known.filter((entry) => !others.includes(entry)).map(({ sessionId }) => sessionId),
  }
}

/**
 * The cookie with another account active; undefined when it has no such account.
 *
 * @throws StoreUnavailableError
 */
export async function switchTo(
  cookie: SessionCookie,
  did: string,
  config: ClientConfig,
): Promise<SessionCookie | undefined> {
  const entries = await readEntries(cookie, config)
  const target = entries.find((entry) => entry.did === did)
  return target && toCookie([target, ...entries.filter((entry) => entry !== target)])
}

/**
 * Ends sessions, in the store and at their authorization servers, and returns the cookie of the remaining accounts;
 * undefined when none is left.
 *
 * @throws StoreUnavailableError when a session could not be removed
 */
export async function signOutOf(
  cookie: SessionCookie,
  { did = cookie.did, everywhere = false, all = false, connections = false }: SignOutTarget,
  config: Pick<Config, 'client' | 'formerSessions' | 'hooks' | 'log'>,
): Promise<SessionCookie | undefined> {
  const { client, hooks, log } = config
  const entries = await readEntries(cookie, config)
  const ended = entries.filter((entry) => all || entry.did === did)
  const isEverywhere = everywhere && !all && ended.some(({ summary }) => summary.isActive)
  if (isEverywhere) await client.revoke(did, connections ? {} : { isConnection: false })
  else await Promise.all(ended.map((entry) => client.revoke(entry.did, { sessionId: entry.sessionId })))
  for (const endedDid of new Set(ended.map((entry) => entry.did)))
    await notifySignOut({ did: endedDid, everywhere: isEverywhere }, hooks, log)
  return toCookie(entries.filter((entry) => !ended.includes(entry)))
}

/**
 * Ends the session with that id.
 *
 * @throws StoreUnavailableError
 */
export async function endSession(sessionId: string, { client }: Pick<Config, 'client'>): Promise<void> {
  const summary = await client.describeSession(sessionId)
  if (summary) await client.revoke(summary.did, { sessionId })
}

/** The sessions of a cookie that the store still has, in the cookie's order. */
async function readEntries(cookie: SessionCookie, config: ClientConfig): Promise<readonly Entry[]> {
  const entries = await Promise.all(
    cookie.sessionIds.map(async (sessionId, index) => {
      const summary = await describeSession(sessionId, config)
      // The row decides whose session it is. For the active account the cookie has to agree.
      return summary && (index > 0 || summary.did === cookie.did)
        ? [{ sessionId, did: summary.did, summary }]
        : []
    }),
  )
  return entries.flat()
}

/** Of this client, or in development of one that it was before. */
async function describeSession(
  sessionId: string,
  { client, formerSessions }: ClientConfig,
): Promise<SessionSummary | undefined> {
  return (await client.describeSession(sessionId)) ?? formerSessions?.describe(sessionId)
}

function toCookie([active, ...others]: readonly Entry[]): SessionCookie | undefined {
  if (!active) return undefined
  return { did: active.did, sessionIds: [active.sessionId, ...others.map(({ sessionId }) => sessionId)] }
}
