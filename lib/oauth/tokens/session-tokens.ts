/** The tokens that a session object holds, and when it takes newer ones: from the store, or by a refresh. */
import {
  StoreUnavailableError,
  TokenInvalidError,
  TokenRefreshError,
  TokenRevokedError,
} from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import { readActive } from '../records/read-active.ts'
import type { StoredSession } from '../records/records-contract.ts'
import { hasOtherTokens, isSameSignIn, type SessionRow } from '../records/session-row.ts'
import { isRefreshing, isStale, type RefreshDeps, type RefreshOptions, refreshSession } from './refresh.ts'
import { isCrowded, type TokenMemory } from './token-memory.ts'

export type SessionTokensDeps = RefreshDeps & {
  readonly tokenMemory: Pick<
    TokenMemory,
    'rejectedUntil' | 'believedUntil' | 'failedRefreshes' | 'refreshBackoffUntil' | 'refreshQueues'
  >
}

/** In this time a PDS causes one refresh of a session, whatever it accepts in between. */
const BELIEF_MS = 60_000
/** How long after a failed refresh no other is begun, unless the token has ended. */
const BACKOFF_MS = 10_000
/** A token with less time left is refreshed before the request. */
const LAST_MOMENT_MS = 5_000
/** How long before its end a token is sent at the latest. */
const ON_ITS_WAY_MS = 1_000

/** What is known of a session's access token, without the token. */
export interface TokenInfo {
  /** Undefined when the server did not say. */
  readonly expiresAt?: Date | undefined
  /** Whether it has ended, judged when this is read; undefined when the server did not say when. */
  readonly expired?: boolean | undefined
  readonly scope: string
  /** The authorization server that issued it. */
  readonly iss: string
  /** Origin of the PDS that it is for. */
  readonly aud: string
  readonly sub: Did
}

export interface SessionTokens {
  /** The session with the newest tokens that this object has seen. */
  current(): StoredSession
  /** Whether this object knows that the session has ended: nothing is sent with its tokens any more. */
  isOver(): boolean
  /** Ends the session for this object; later calls throw that error. */
  end(error: TokenRevokedError): void
  /** Reads the row again. Throws TokenRevokedError when the session has ended. */
  reload(): Promise<void>
  /** Takes newer tokens, whatever the age of the current ones. */
  refresh(): Promise<void>
  /**
   * Refreshes tokens that end soon, without waiting while the current one is good for a few seconds. A token that is
   * still valid is also used when it cannot be refreshed. Throws TokenRevokedError when the session is known to have
   * ended, even if the PDS would still take the token.
   *
   * @param signal ends the wait
   */
  refreshIfStale(signal?: AbortSignal): Promise<void>
  /**
   * Whether a refusal is a reason to take other tokens: these have ended, there are newer ones, which are taken, or no
   * process has refreshed the session for its PDS in the last minute.
   *
   * @throws TokenInvalidError within a minute after `recordRejection`, and TokenRefreshError within ten seconds after a
   *   refresh has failed, unless the refusal is only named
   */
  believesRefusal(refused: StoredSession, how: 'challenged' | 'named'): Promise<boolean>
  /**
   * Takes other tokens than those that the PDS refused: newer ones from the store if there are any, else refreshed
   * ones. Newer ones that end soon are refreshed too.
   *
   * @param signal ends the wait
   */
  replaceRefusedTokens(refused: StoredSession, signal?: AbortSignal): Promise<void>
  /** Whether there are tokens, here or in the store, newer than those that the PDS refused; they are taken. */
  hasNewer(refused: StoredSession): Promise<boolean>
  /** Records that the PDS refuses even new tokens; the error to throw. */
  recordRejection(): TokenInvalidError
}

export function createSessionTokens(stored: StoredSession, deps: SessionTokensDeps): SessionTokens {
  const { now } = deps
  const { rejectedUntil, believedUntil, failedRefreshes, refreshBackoffUntil } = deps.tokenMemory
  const isWithin = (times: Map<string, number>) => (times.get(stored.id) ?? 0) > now()
  let current = stored
  let over: TokenRevokedError | undefined
  const adopt = async (answer: Promise<StoredSession>) => {
    try {
      const session = await answer
      // Answers may come back in another order than they were asked for.
      if (isOutdated(session, current)) return
      current = session
      // An application's own store keeps one session per account: there a new sign-in has the id of the old one.
      over = undefined
    } catch (error) {
      if (error instanceof TokenRevokedError) over = error
      throw error
    }
  }
  const refresh = (options?: RefreshOptions) => adopt(refreshSession(current, deps, options))
  const reload = () => adopt(readActive(current, deps.sessions))
  const rejectionError = () => {
    const { did, pds } = current.row.account
    return new TokenInvalidError(did, `${pds} refuses a token that was just refreshed.`, { endpoint: pds })
  }

  /** For calls until the next try. */
  function notYet(cause: TokenRefreshError): TokenRefreshError {
    const { sub, issuer = '' } = cause
    const retryAfterMs = (believedUntil.get(stored.id) ?? 0) - now()
    const message = `The token has to be refreshed, and a refresh has just failed. Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`
    return new TokenRefreshError(sub, message, { issuer, retryAfterMs, cause })
  }

  async function hasNewer({ row }: StoredSession): Promise<boolean> {
    if (!hasOtherTokens(current.row, row)) await reload()
    return hasOtherTokens(current.row, row)
  }

  /** The call does not wait for this refresh: the current token is good for a while. */
  function refreshInBackground(): void {
    if (isWithin(refreshBackoffUntil)) return
    const work = refresh().catch(() => refreshBackoffUntil.set(stored.id, now() + BACKOFF_MS))
    deps.waitUntil(work)
  }

  async function refreshIfStale(signal?: AbortSignal): Promise<void> {
    if (over) throw over
    if (!isStale(current.row.tokens, now())) return
    const { expiresAt = 0 } = current.row.tokens
    const leftMs = expiresAt - now()
    // A refresh that has to wait for its place may take longer than the token lasts.
    const hasToWait = isCrowded(current.row, deps.tokenMemory)
    if (leftMs > LAST_MOMENT_MS || (leftMs > 0 && hasToWait)) return refreshInBackground()
    const refreshed = refresh({ signal }).catch((error: unknown) => {
      if (error instanceof TokenRevokedError || expiresAt <= now()) throw error
    })
    if (leftMs <= 0) return refreshed
    // The server may be slow: then the call goes out with the token while it lasts.
    await atMost(Math.max(leftMs - ON_ITS_WAY_MS, leftMs / 2), refreshed)
  }

  return {
    current: () => current,
    isOver: () => over !== undefined,
    end(error) {
      over = error
    },
    refresh: () => refresh(),
    reload,
    hasNewer,
    refreshIfStale,
    async believesRefusal(session, how) {
      if (isRefreshing(session, deps)) return true
      const believedBefore = believedUntil.get(stored.id)
      const isNewer = await hasNewer(session).catch((error: unknown) => {
        // Without a challenge it may mean something else: it goes to the caller, also while the store is down.
        if (how === 'named' && error instanceof StoreUnavailableError) return undefined
        throw error
      })
      if (isNewer !== false) return isNewer === true
      if (isWithin(rejectedUntil)) {
        if (how === 'challenged') throw rejectionError()
        return false
      }
      // A refresh that another refusal has begun during the read replaces these tokens too.
      const isBelieved = believedUntil.get(stored.id) !== believedBefore
      if (isBelieved || hasEnded(session.row, now())) return true
      if (isWithin(believedUntil) || wasJustReplaced(current.row, now())) {
        const failure = isWithin(believedUntil) ? failedRefreshes.get(stored.id) : undefined
        if (failure && how === 'challenged') throw notYet(failure)
        return false
      }
      believedUntil.set(stored.id, now() + BELIEF_MS)
      failedRefreshes.delete(stored.id)
      return true
    },
    async replaceRefusedTokens(session, signal) {
      if (!hasOtherTokens(current.row, session.row)) {
        const cause = hasEnded(session.row, now()) ? 'due' : 'refused'
        await refresh({ cause, signal }).catch((error: unknown) => {
          // Nothing else has come of a refresh, such as while the store is down or when the caller is gone: the next call
          // tries again, and is told the same or succeeds.
          if (!(error instanceof TokenRefreshError)) believedUntil.delete(stored.id)
          else {
            believedUntil.set(stored.id, now() + BACKOFF_MS)
            failedRefreshes.set(stored.id, error)
          }
          throw error
        })
      }
      // What another process left in the store may have ended as well.
      await refreshIfStale(signal)
    },
    recordRejection() {
      rejectedUntil.set(stored.id, now() + BELIEF_MS)
      return rejectionError()
    },
  }
}

/** Waits for the work, but no longer than that. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  // It may fail later, when it is not waited for any more.
  work.catch(() => undefined)
  await Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

function hasEnded({ tokens: { expiresAt } }: SessionRow, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

/** By the row, which all processes read. A time far ahead is that of a wrong clock and says nothing. */
function wasJustReplaced({ lifecycle: { replacedAt } }: SessionRow, now: number): boolean {
  return replacedAt !== undefined && Math.abs(now - replacedAt) < BELIEF_MS
}

/** Whether an answer is from before what is held already. Each sign-in counts its generations from the start. */
function isOutdated({ row, generation }: StoredSession, held: StoredSession): boolean {
  return isSameSignIn(row, held.row)
    ? generation <= held.generation
    : row.lifecycle.createdAt < held.row.lifecycle.createdAt
}

/** What a row says of its access token; `expired` is judged whenever it is read. */
export function tokenInfoOf({ account, server, tokens }: SessionRow, now: () => number): TokenInfo {
  const { scope, expiresAt } = tokens
  return {
    scope,
    iss: server.issuer,
    aud: account.pds,
    sub: account.did,
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    get expired() {
      return expiresAt === undefined ? undefined : expiresAt <= now()
    },
  }
}
