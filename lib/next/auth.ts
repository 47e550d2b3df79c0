/** `createAtprotoAuth`: the one object an application makes, in its `auth.ts`. */
import 'server-only'
import type { OAuthSession } from '../oauth/session.ts'
import { type AtprotoAuthOptions, createRuntime } from './config.ts'
import { createGetSession, getSessionStatus, requireSession, type SessionStatus } from './get-session.ts'
import { createHandlers, type Handlers } from './handlers.ts'
import { type AccountFunctions, createAccountFunctions } from './request-accounts.ts'

export interface AtprotoAuth extends AccountFunctions {
  readonly handlers: Handlers
  /**
   * The signed-in session of this request, or null. Works in server components, route handlers and server
   * actions; makes no request to any other server. A dead session is null, not an error.
   *
   * @throws ConfigurationError; StoreUnavailableError when the store is down: nobody is signed out by that
   */
  getSession(): Promise<OAuthSession | null>
  /**
   * The signed-in session; a visitor without one is redirected to the sign-in page and comes back to `returnTo`
   * (a path of this application) afterwards. This is the check that protects a page, route or action; the
   * middleware is not.
   *
   * @throws as `getSession`
   */
  requireSession(options?: { readonly returnTo?: string }): Promise<OAuthSession>
  /**
   * Whether somebody is signed in, read from the store at each call; `reauth_required` with the account and the
   * reason when its server wants a new sign-in, where `getSession` gives null.
   *
   * @throws as `getSession`
   */
  getSessionStatus(): Promise<SessionStatus>
}

/**
 * Sign-in with AT Protocol OAuth for an App Router application. Reads no environment and opens nothing until
 * the first request.
 *
 * @example
 * ```ts
 * export const auth = createAtprotoAuth({ clientName: 'My App', scope: 'atproto repo:app.bsky.feed.post' })
 * ```
 */
export function createAtprotoAuth(options: AtprotoAuthOptions = {}): AtprotoAuth {
  const runtime = createRuntime(options)
  const getSession = createGetSession(runtime)
  return {
    handlers: createHandlers(runtime),
    getSession,
    requireSession: ({ returnTo } = {}) => requireSession(getSession, runtime, returnTo),
    getSessionStatus: () => getSessionStatus(runtime),
    ...createAccountFunctions(runtime),
  }
}
