/** The session on the client: a React context, and the hooks that read it. */
'use client'

import { createContext, type ReactNode, use, useMemo } from 'react'
import type { BrowserSession } from './browser-session.ts'
import { useFetchedSession } from './use-fetched-session.ts'
import { useReturnToPage } from './use-return-to-page.ts'

type SessionValue = BrowserSession | Promise<BrowserSession>

interface ContextValue extends Omit<SessionState, 'session'> {
  readonly session: SessionValue
}

/** What `useSessionState()` returns. */
export interface SessionState {
  /** As `useSession()` returns it. After a fetch that failed, it stays what it was. */
  readonly session: BrowserSession
  /** Whether the status is being fetched from the server. */
  readonly isLoading: boolean
  /** Why the last fetch failed, such as a server that cannot be reached; undefined when it did not. */
  readonly error: Error | undefined
  /** Fetches the status again, after a fetch that is under way. Never rejects: see `error`. */
  readonly refetch: () => Promise<void>
}

const Context = createContext<ContextValue | undefined>(undefined)

interface SessionContextProps {
  readonly session: SessionValue
  /** Path of the session route. */
  readonly address: string
  readonly refetchOnFocus: boolean
  readonly children: ReactNode
}

export function SessionContext({ session: given, address, refetchOnFocus, children }: SessionContextProps) {
  const { session, isLoading, error, refetch } = useFetchedSession(given, address)
  useReturnToPage(refetchOnFocus ? refetch : undefined)
  const value = useMemo(() => ({ session, isLoading, error, refetch }), [session, isLoading, error, refetch])
  return <Context value={value}>{children}</Context>
}

/**
 * Returns the value of `<SessionProvider>`: whether a user is signed in, and who. If the value is a promise, the hook
 * suspends until it resolves; put a `<Suspense>` around the component to show the rest of the page in the meantime. The
 * value is that of the time the page was rendered, or when the user last came back to its window. The server must check
 * permissions with each request.
 *
 * @throws Error without a `<SessionProvider>`; the rejection of the promise, unless it may pass by itself: a session
 *   store that is down gives `unknown`
 */
export function useSession(): BrowserSession {
  return useSessionState().session
}

/**
 * `useSession()`, and a way to fetch the status again.
 *
 * @throws as `useSession`
 */
export function useSessionState(): SessionState {
  const value = use(Context)
  if (value === undefined) throw new Error('useSession() needs a <SessionProvider> around the component.')
  const { session } = value
  return { ...value, session: 'then' in session ? use(session) : session }
}
