/** The session cookie after a sign-in. */
import 'server-only'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { CookieChange } from '../../web/cookie-header.ts'
import { finishedSignInsOf } from '../../web/flow-cookie.ts'
import type { SessionCookie } from '../../web/session-cookie.ts'
import { addAccount, endSession, listAccounts } from '../accounts/cookie-accounts.ts'
import { sessionCookieChange } from '../accounts/cookie-changes.ts'
import { readSessionCookie } from '../accounts/find-session.ts'
import type { Config } from '../config/load-config.ts'
import { afterResponse } from '../process/after-response.ts'

type NamedSession = Pick<OAuthSession, 'id' | 'did'>

/** Adds the account to those of the browser, as the active one. Sessions that it replaces end after the response. */
export async function addToBrowser(
  session: NamedSession,
  cookieHeader: string | null,
  config: Config,
): Promise<CookieChange> {
  const previous = await readSessionCookie(cookieHeader, config)
  return add(session, previous?.sessionIds ?? [], config)
}

/**
 * What the session cookie lacks when a callback is repeated: the callback's own session, if its first answer was lost, and
 * those of sign-ins in other tabs, whose cookie was replaced by one that did not know them. Only sessions in use count. Of
 * two of one account, the browser keeps the one that is in its cookie, and the other is ended.
 *
 * @returns undefined when it lacks none
 * @throws StoreUnavailableError
 */
export async function completeBrowser(
  ownSessionId: string,
  cookieHeader: string | null,
  config: Config,
): Promise<CookieChange | undefined> {
  const cookie = await readSessionCookie(cookieHeader, config)
  const missing = await findMissing(
    [ownSessionId, ...(await finishedHere(cookieHeader, config))],
    cookie,
    config,
  )
  const accounts = cookie ? await listAccounts(cookie, config) : []
  const usable = new Set(accounts.filter(({ status }) => status === 'active').map(({ did }) => did))
  const surplus = missing.filter(({ did }) => usable.has(did))
  endLater(
    surplus.map(({ id }) => id),
    config,
  )
  const [first, ...others] = missing.filter(({ did }) => !usable.has(did))
  if (!first) return undefined
  const otherIds = others.map(({ id }) => id)
  const [activeId, ...ids] = cookie?.sessionIds ?? []
  const active = accounts.find(({ isActive }) => isActive)
  // An account that came from another tab does not take the place of the active one.
  return activeId !== undefined && active && first.id !== ownSessionId
    ? add({ id: activeId, did: active.did }, [first.id, ...otherIds, ...ids], config)
    : add(first, [...otherIds, ...(cookie?.sessionIds ?? [])], config)
}

async function add(
  active: NamedSession,
  previousIds: readonly string[],
  config: Config,
): Promise<CookieChange> {
  const { cookie, replacedIds } = await addAccount(previousIds, active, config)
  endLater(replacedIds, config)
  return sessionCookieChange(cookie, config)
}

function endLater(sessionIds: readonly string[], config: Config): void {
  const end = (sessionId: string) =>
    endSession(sessionId, config).catch((error: unknown) => config.log.failure('replaced_session', error))
  if (sessionIds.length > 0) afterResponse(() => Promise.all(sessionIds.map(end)))
}

/** The sessions of sign-ins that this browser finished in the last ten minutes. */
async function finishedHere(cookieHeader: string | null, config: Config): Promise<readonly string[]> {
  const states = await finishedSignInsOf(cookieHeader, config)
  const sessionIds = await Promise.all(states.map((state) => config.finishedFlows.sessionOf(state)))
  return sessionIds.filter((sessionId) => sessionId !== undefined)
}

/** Those that the cookie does not name, while they are in use. */
async function findMissing(
  sessionIds: readonly string[],
  cookie: SessionCookie | undefined,
  { client }: Config,
): Promise<readonly NamedSession[]> {
  const unnamed = [...new Set(sessionIds)].filter((id) => !cookie?.sessionIds.includes(id))
  const found = await Promise.all(
    unnamed.map(async (id) => {
      const summary = await client.describeSession(id)
      return summary?.isActive ? [{ id, did: summary.did }] : []
    }),
  )
  return found.flat()
}
