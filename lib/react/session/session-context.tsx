/** The session on the client: a React context, and the hooks that read it. */
'use client'

import { createContext, type ReactNode, use, useMemo } from 'react'
import type { AccountProfile, BrowserSession } from './browser-session.ts'
import { type FetchedProfile, withProfile } from './fetched-profile.ts'
import { useFetchedSession } from './use-fetched-session.ts'
import { useProfile } from './use-profile.ts'
import { useReturnToPage } from './use-return-to-page.ts'

type SessionValue = BrowserSession | Promise<BrowserSession>

interface ContextValue extends Omit<SessionState, 'session'> {
  readonly session: SessionValue
  readonly profile: FetchedProfile | undefined
  /** Whether the browser fetches the profile. */
  readonly fetchesProfile: boolean
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
  readonly fetchesProfile: boolean
  readonly children: ReactNode
}

export function SessionContext(props: SessionContextProps) {
  const { refetchOnFocus, fetchesProfile, children } = props
  const address = fetchesProfile ? `${props.address}?profile=1` : props.address
  const { session, profile, isLoading, error, refetch } = useFetchedSession(props.session, address)
  useReturnToPage(refetchOnFocus ? refetch : undefined)
  useProfile(fetchesProfile, { session, profile, refetch })
  const value = useMemo(
    () => ({ session, profile, fetchesProfile, isLoading, error, refetch }),
    [session, profile, fetchesProfile, isLoading, error, refetch],
  )
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
  const { session: given, profile, isLoading, error, refetch } = value
  const status = 'then' in given ? use(given) : given
  const session = useMemo(() => ('did' in status ? withProfile(status, profile) : status), [status, profile])
  return { session, isLoading, error, refetch }
}

/** The account with the profile that the browser has fetched; unchanged without a provider that fetches it. */
export function useProfileOf<Account extends AccountProfile & { readonly did: string }>(
  account: Account,
): Account {
  return withProfile(account, use(Context)?.profile)
}

/** Whether the profile of the active account arrives after the page, so that there has to be room for it. */
export function useFetchesProfile(): boolean {
  return use(Context)?.fetchesProfile ?? false
}
