/** Passes the session status from the server to client components. */
import { type ReactNode, useMemo } from 'react'
import { DEFAULT_BASE_PATH } from '../parts/post-form.tsx'
import { type BrowserSession, toBrowserSession } from './browser-session.ts'
import { isPassingFailure } from './passing-failure.ts'
import { SessionContext } from './session-context.tsx'

/** Props of `<SessionProvider>`. */
export interface SessionProviderProps {
  /**
   * The result of `auth.getSessionStatus()`. Pass the promise without awaiting it, so that the page does not wait for
   * it, and so that a session store that is down gives the status `unknown` instead of an error page.
   */
  readonly session: BrowserSession | Promise<BrowserSession>
  /** Path of the library's route handlers, including the `basePath` of Next.js if you use one. Default `/oauth`. */
  readonly basePath?: string
  /**
   * Whether the browser fetches the status again when the user comes back to the window, at most every five seconds.
   * Default true. If another tab has signed out or switched accounts, the page's server components are rendered again.
   */
  readonly refetchOnFocus?: boolean
  /**
   * Whether the browser fetches the handle, display name and picture of the active account after the page has loaded, and
   * again with the status. `useSession()` and `<AccountMenu>` then show them; until they are there, and if a server does
   * not answer, they show what was rendered. Default false.
   */
  readonly profile?: boolean
  readonly children: ReactNode
}

/**
 * Makes `useSession()` work in the client components inside it. Render it in a server component, such as the layout, so
 * that everything that is not part of a `BrowserSession` is removed before it is sent to the browser. Without `profile`,
 * the browser fetches nothing until the user leaves the window and comes back.
 *
 * @throws TypeError when `session` is a session instead of its status; for a promise, `useSession` throws it
 */
export function SessionProvider({
  session,
  basePath = DEFAULT_BASE_PATH,
  refetchOnFocus = true,
  profile = false,
  children,
}: SessionProviderProps) {
  const safe = useMemo(
    // Wrapped in a real promise: for a promise passed to a client component, React provides a `then` that returns
    // nothing.
    () =>
      'then' in session
        ? Promise.resolve(session).then(toBrowserSession, toUnknown)
        : toBrowserSession(session),
    [session],
  )
  return (
    <SessionContext
      session={safe}
      address={`${basePath}/session`}
      refetchOnFocus={refetchOnFocus}
      fetchesProfile={profile}
    >
      {children}
    </SessionContext>
  )
}

/** A store that is down must not take down the layout, whose errors no `error.tsx` catches. */
function toUnknown(failure: unknown): BrowserSession {
  if (isPassingFailure(failure)) return { kind: 'unknown' }
  throw failure
}
