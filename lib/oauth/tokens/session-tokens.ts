/** The tokens that a session object holds, and when it takes newer ones: from the store, or by a refresh. */
import { TokenInvalidError, TokenRevokedError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import type { ClientContext } from '../context.ts'
import { readActive } from '../records/active-session.ts'
import { hasOtherTokens, isSameSignIn, type SessionRow, type StoredSession } from '../records/records.ts'
import { isStale, refreshSession } from './refresh.ts'

/** How long a PDS that refused a new token starts no further refresh. */
const SUSPECT_MS = 60_000
/** How long after a failed early refresh none is begun: the token at hand still serves. */
const QUIET_MS = 10_000
/** What a request may take to arrive: closer to its end, a token is renewed before it is used. */
const LAST_MOMENT_MS = 5_000
const MAX_REMEMBERED = 1_000

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
  /** The newest that this process has seen. */
  current(): StoredSession
  /** Whether it is known here that the session is over: nothing is sent with its tokens any more. */
  isOver(): boolean
  /** Takes note of its end; whoever still calls is told by that error. */
  end(error: TokenRevokedError): void
  /** Reads the row anew. Throws TokenRevokedError when the session is over. */
  reload(): Promise<void>
  /** Takes newer tokens, whatever the age of the current ones. */
  refresh(): Promise<void>
  /**
   * Renews tokens that end soon, without waiting while the one at hand is good for a few seconds; one that is
   * still valid also serves on when it cannot be renewed. Throws TokenRevokedError when the session is known to
   * be over, even if the token would still be taken.
   */
  refreshIfStale(): Promise<void>
  /**
   * Takes other tokens than those that the PDS refused: newer ones of the store if there are any, else renewed
   * ones, but never a second refresh within a minute for a PDS that refuses new tokens.
   */
  replace(refused: StoredSession): Promise<void>
  /** Whether there are tokens, here or in the store, newer than those that the PDS refused; they are taken. */
  hasNewer(refused: StoredSession): Promise<boolean>
  /** Notes that the PDS refuses even new tokens; the error to throw. */
  suspect(): TokenInvalidError
}

export function createSessionTokens(stored: StoredSession, context: ClientContext): SessionTokens {
  const { now } = context
  const suspicion = createSuspicion(stored.id, context)
  let current = stored
  let over: TokenRevokedError | undefined
  const take = async (answer: Promise<StoredSession>) => {
    try {
      const session = await answer
      // Answers may come back in another order than they were asked for.
      if (isOutdated(session, current)) return
      current = session
      // Where an application's own store keeps one session per account, a new sign-in takes up the old one's id.
      over = undefined
    } catch (error) {
      if (error instanceof TokenRevokedError) over = error
      throw error
    }
  }
  const refresh = () => take(refreshSession(current, context))
  const reload = () => take(readActive(current, context.sessions))
  const refused = () => {
    const { did, pds } = current.row
    return new TokenInvalidError(did, `${pds} refuses a token that was just renewed.`, { endpoint: pds })
  }

  async function hasNewer({ row }: StoredSession): Promise<boolean> {
    if (!hasOtherTokens(current.row, row)) await reload()
    return hasOtherTokens(current.row, row)
  }

  /** Nobody waits for it: the token at hand is good for a while. */
  function refreshBesides(): void {
    if ((context.quiet.get(stored.id) ?? 0) > now()) return
    const work = refresh().catch(() => remember(context.quiet, stored.id, now() + QUIET_MS))
    context.waitUntil(work)
  }

  return {
    current: () => current,
    isOver: () => over !== undefined,
    end(error) {
      over = error
    },
    ...{ refresh, reload, hasNewer },
    async refreshIfStale() {
      if (over) throw over
      if (!isStale(current.row, now())) return
      const { expiresAt = 0 } = current.row
      if (expiresAt - LAST_MOMENT_MS > now()) return refreshBesides()
      await refresh().catch((error: unknown) => {
        if (error instanceof TokenRevokedError || expiresAt <= now()) throw error
      })
    },
    async replace(session) {
      if (hasOtherTokens(current.row, session.row)) return
      if (!suspicion.holds()) return refresh()
      if (!(await hasNewer(session))) throw refused()
    },
    suspect() {
      suspicion.begin()
      return refused()
    },
  }
}

/** Whether an answer is from before what is held already. Each sign-in counts its generations from the start. */
function isOutdated({ row, generation }: StoredSession, held: StoredSession): boolean {
  return isSameSignIn(row, held.row) ? generation <= held.generation : row.createdAt < held.row.createdAt
}

/** Whether the PDS of a session refused a new token within the last minute; all sessions of the process share the memory. */
function createSuspicion(id: string, { suspects, now }: ClientContext) {
  return {
    holds: () => (suspects.get(id) ?? 0) > now(),
    begin: () => remember(suspects, id, now() + SUSPECT_MS),
  }
}

function remember(times: Map<string, number>, id: string, until: number): void {
  times.delete(id)
  times.set(id, until)
  const oldest = times.size > MAX_REMEMBERED ? times.keys().next().value : undefined
  if (oldest !== undefined) times.delete(oldest)
}

/** What a row says of its access token; `expired` is judged anew whenever it is read. */
export function tokenInfoOf(
  { did, scope, issuer, pds, expiresAt }: SessionRow,
  now: () => number,
): TokenInfo {
  return {
    ...{ scope, iss: issuer, aud: pds, sub: did },
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    get expired() {
      return expiresAt === undefined ? undefined : expiresAt <= now()
    },
  }
}
