/** The client's side of the session: a context, and the hook that reads it. */
'use client'

import { createContext, type ReactNode, use } from 'react'
import type { BrowserSession } from './browser-session.ts'

type Known = BrowserSession | Promise<BrowserSession>

const Context = createContext<Known | undefined>(undefined)

interface SessionContextProps {
  readonly session: Known
  readonly children: ReactNode
}

export function SessionContext({ session, children }: SessionContextProps) {
  return <Context value={session}>{children}</Context>
}

/**
 * Whether somebody is signed in, and who: what `<SessionProvider>` was given. Suspends until the server has said so;
 * put a `<Suspense>` around the component to show the rest of the page meanwhile. It is a picture of the moment the
 * page was rendered: what a person may do is for the server to decide, at each request.
 *
 * @throws Error without a `<SessionProvider>`, and what the promise was rejected with (the store was down)
 */
export function useSession(): BrowserSession {
  const session = use(Context)
  if (session === undefined) throw new Error('useSession() needs a <SessionProvider> around the component.')
  return 'then' in session ? use(session) : session
}
