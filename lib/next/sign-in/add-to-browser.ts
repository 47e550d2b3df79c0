/** The session cookie after a sign-in. */
import 'server-only'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { CookieChange } from '../../web/cookie-header.ts'
import { finishedSignInsOf } from '../../web/flow-cookie.ts'
import { addAccount, endSession } from '../accounts/cookie-accounts.ts'
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
 * The session cookie when a callback is repeated, with what it lacks: the callback's own session, if its first answer was
 * lost, and those of sign-ins in other tabs, whose cookie was replaced by one that did not know them. Of two sessions of
 * one account the newer one stays, and the other is ended: all requests then choose the same.
 *
 * @returns undefined when it lacks none
 * @throws StoreUnavailableError
 */
export async function completeBrowser(
  ownSessionId: string,
  cookieHeader: string | null,
  config: Config,
): Promise<CookieChange | undefined> {
  const ids: readonly string[] = (await readSessionCookie(cookieHeader, config))?.sessionIds ?? []
  const finished = new Set([ownSessionId, ...(await finishedHere(cookieHeader, config))])
  const [held, missing] = await Promise.all([
    inUse(ids, config),
    inUse(
      [...finished].filter((id) => !ids.includes(id)),
      config,
    ),
  ])
  const isReplaced = (old: Described) =>
    [...held, ...missing].some((other) => other.did === old.did && isNewer(other, old))
  const added = missing.filter((session) => !isReplaced(session))
  const surplus = [...held, ...missing].filter(isReplaced).map(({ id }) => id)
  endLater(surplus, config)
  const [first] = added
  if (!first) return undefined
  const active = held.find(({ id }) => id === ids[0])
  // An account that came from another tab does not take the place of the active one.
  const next =
    added.find(({ id, did }) => id === ownSessionId || did === active?.did) ??
    (active && !isReplaced(active) ? active : first)
  const others = [...added.map(({ id }) => id), ...ids].filter(
    (id) => id !== next.id && !surplus.includes(id),
  )
  return add(next, others, config)
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

interface Described extends NamedSession {
  readonly createdAt: Date
}

/** Those of the sessions that are in use. */
async function inUse(ids: readonly string[], { client }: Config): Promise<readonly Described[]> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const summary = await client.describeSession(id)
      return summary?.isActive ? [{ id, did: summary.did, createdAt: summary.createdAt }] : []
    }),
  )
  return found.flat()
}

function isNewer(one: Described, other: Described): boolean {
  const [at, otherAt] = [one.createdAt.getTime(), other.createdAt.getTime()]
  return at === otherAt ? one.id > other.id : at > otherAt
}
