/** The session on the client: a React context, and the hook that reads it. */
'use client'

import { createContext, type ReactNode, use } from 'react'
import type { BrowserSession } from './browser-session.ts'

type SessionValue = BrowserSession | Promise<BrowserSession>

const Context = createContext<SessionValue | undefined>(undefined)

interface SessionContextProps {
  readonly session: SessionValue
  readonly children: ReactNode
}

export function SessionContext({ session, children }: SessionContextProps) {
  return <Context value={session}>{children}</Context>
}

/**
 * Returns the value of `<SessionProvider>`: whether a user is signed in, and who. If the value is a promise, the hook
 * suspends until it resolves; put a `<Suspense>` around the component to show the rest of the page in the meantime. The
 * value is that of the time the page was rendered. The server must check permissions with each request.
 *
 * @throws Error without a `<SessionProvider>`; the rejection of the promise, unless it may pass by itself: a session
 *   store that is down gives `unknown`
 */
export function useSession(): BrowserSession {
  const session = use(Context)
  if (session === undefined) throw new Error('useSession() needs a <SessionProvider> around the component.')
  return 'then' in session ? use(session) : session
}
