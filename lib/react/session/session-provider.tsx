/** Hands the session's status from the server to client components. */
import { type ReactNode, useMemo } from 'react'
import { type BrowserSession, toBrowserSession } from './browser-session.ts'
import { SessionContext } from './session-context.tsx'

export interface SessionProviderProps {
  /** What `auth.getSessionStatus()` gives: the promise itself, not awaited, so that the page need not wait for it. */
  readonly session: BrowserSession | Promise<BrowserSession>
  readonly children: ReactNode
}

/**
 * Makes `useSession()` work in the client components within. Render it in a server component, such as the layout: what
 * is not part of a `BrowserSession` is then dropped before anything is sent to the browser. Nothing is fetched when the
 * page is shown.
 *
 * @throws TypeError (for a promise: where `useSession` is called) when it is given a session instead of its status
 */
export function SessionProvider({ session, children }: SessionProviderProps) {
  const safe = useMemo(
    // Through a promise of our own: what React brings to a client component as one returns nothing from `then`.
    () => ('then' in session ? Promise.resolve(session).then(toBrowserSession) : toBrowserSession(session)),
    [session],
  )
  return <SessionContext session={safe}>{children}</SessionContext>
}
