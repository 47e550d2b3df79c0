/**
 * What each browser should be: which sessions it has, and of each session whether it must work, has ended, or may have
 * ended. It learns from what is sent and answered, and never from the application's own view, except that it opens the
 * session cookies that came, to see which sessions they name.
 */
import type { Grant } from '../../../lib/testing/servers/grants.ts'
import { openSessionCookie } from '../../../lib/web/session-cookie.ts'

export interface KnownSession {
  readonly id: string
  /** Of the browser that it was given to. */
  readonly browser: string
  /** Undefined until a call shows it: the answer to the sign-in was lost. */
  grant: Grant | undefined
  /** Why it may have ended; undefined when it must work. */
  doubt: string | undefined
  /** When it was certain that it had ended; `performance.now()`. */
  endedAt: number | undefined
  /** Whether it has ended by a sign-out, so that the store has nothing of it. */
  isSignedOut: boolean
}

/** What a session cookie names. */
export interface CookieContent {
  readonly did: string
  readonly sessions: readonly KnownSession[]
}

export interface SignOutEverywhere {
  readonly did: string
  readonly from: number
  /** Undefined while it is under way. */
  to: number | undefined
}

export interface Oracle {
  /** The sessions that were ever given to a browser. */
  readonly sessions: readonly KnownSession[]
  /** What a cookie names; undefined when there is none, or it cannot be opened. */
  open(value: string | undefined): Promise<CookieContent | undefined>
  /** A session that a browser was given with a cookie. */
  add(session: Pick<KnownSession, 'id' | 'browser' | 'grant' | 'doubt'>): KnownSession
  find(id: string): KnownSession | undefined
  /** Of which account it is, as far as it is known. */
  didOf(session: KnownSession): string | undefined
  /** Why the session may have ended; undefined when it must work. */
  doubtOf(session: KnownSession): string | undefined
  /** Begins a sign-out of that account in all browsers. */
  beginEverywhere(did: string): SignOutEverywhere
  /** Whether such a sign-out may have ended a session whose sign-in began at that time. */
  wasSignedOutSince(did: string, from: number): boolean
}

export interface OracleDeps {
  readonly secret: string
  /** Why the network knows that a session may end. */
  readonly doubtOf: (grant: Grant) => string | undefined
}

export function createOracle({ secret, doubtOf }: OracleDeps): Oracle {
  const byId = new Map<string, KnownSession>()
  const everywhere: SignOutEverywhere[] = []
  return {
    get sessions() {
      return [...byId.values()]
    },
    async open(value) {
      const content = value === undefined ? undefined : await openSessionCookie(value, [secret])
      if (!content) return undefined
      const sessions = content.sessionIds.map(
        (id) =>
          byId.get(id) ?? {
            id,
            browser: '',
            grant: undefined,
            doubt: undefined,
            endedAt: undefined,
            isSignedOut: false,
          },
      )
      return { did: content.did, sessions }
    },
    add(given) {
      const session = { ...given, endedAt: undefined, isSignedOut: false }
      byId.set(session.id, session)
      return session
    },
    find: (id) => byId.get(id),
    didOf: ({ grant }) => grant?.did,
    doubtOf: ({ doubt, grant }) =>
      doubt ?? (grant && doubtOf(grant)) ?? (grant ? undefined : 'its sign-in is not known'),
    beginEverywhere(did) {
      const signOut = { did, from: performance.now(), to: undefined }
      everywhere.push(signOut)
      return signOut
    },
    wasSignedOutSince: (did, from) =>
      everywhere.some((signOut) => signOut.did === did && (signOut.to ?? Number.POSITIVE_INFINITY) >= from),
  }
}

/** Marks sessions that are about to be ended; what is certain already stays. */
export function doubtAll(sessions: readonly KnownSession[], reason: string): void {
  for (const session of sessions) session.doubt ??= reason
}

/** Marks sessions that an answered sign-out has ended. */
export function endAll(sessions: readonly KnownSession[], at: number): void {
  for (const session of sessions) {
    session.endedAt ??= at
    session.isSignedOut = true
  }
}
