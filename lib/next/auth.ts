/** `createAtprotoAuth`: the one object an application makes, in its `auth.ts`. */
import 'server-only'
import type { OAuthClient, SessionChoice } from '../oauth/client.ts'
import type { OAuthSession } from '../oauth/session/session.ts'
import { createRuntime } from './config/load-config.ts'
import type { AtprotoAuthOptions } from './config/options.ts'
import { createLog } from './events/log.ts'
import { createHandlers, type Handlers } from './handlers/routes.ts'
import { type AccountFunctions, createAccountFunctions } from './server/account-functions.ts'
import {
  createGetSession,
  getSessionStatus,
  type RequireSessionOptions,
  requireSession,
  type SessionStatus,
} from './server/get-session.ts'
import { type SignInFailure, type SignInFields, type SignInOptions, signIn } from './server/sign-in-action.ts'

export interface AtprotoAuth extends AccountFunctions {
  readonly handlers: Handlers
  /**
   * The signed-in session of this request, or null. Works in server components, route handlers and server
   * actions; makes no request to any other server. A dead session is null, not an error.
   *
   * @throws ConfigurationError; StoreUnavailableError when the store is down: nobody is signed out by that
   * @example
   * ```tsx
   * const session = await auth.getSession()
   * return session ? <p>Signed in as {session.did}</p> : <a href="/sign-in">Sign in</a>
   * ```
   */
  getSession(): Promise<OAuthSession | null>
  /**
   * The signed-in session; a visitor without one is redirected to the sign-in page, with `scope` in its query for the
   * form, and comes back to `returnTo` afterwards. One whose session lacks `scope` is sent to their server, which asks
   * for it, by way of the sign-in page when another site led them here; if they decline, the
   * sign-in page says so (`scope_missing`). This is the check that protects a page, route or action; the middleware
   * is not.
   *
   * @throws as `getSession`; ConfigurationError when the option `scope` holds nothing that allows it; Next's own
   *   signal when it redirects
   * @example
   * ```ts
   * const session = await auth.requireSession({ returnTo: '/upload', scope: 'blob:image/png' })
   * ```
   */
  requireSession(options?: RequireSessionOptions): Promise<OAuthSession>
  /**
   * Whether somebody is signed in, read from the store at each call; `reauth_required` with the account and the
   * reason when its server wants a new sign-in, where `getSession` gives null.
   *
   * @throws as `getSession`
   * @example
   * ```tsx
   * const status = await auth.getSessionStatus()
   * if (status.kind === 'reauth_required') return <a href="/sign-in">Sign in again, {status.did}</a>
   * ```
   */
  getSessionStatus(): Promise<SessionStatus>
  /**
   * Begins a sign-in: sends the browser to the person's server. For a server action of the application; a plain form
   * may post `identifier` and `returnTo` to `/oauth/login` instead. When it cannot begin, the sign-in page is shown
   * with `?error=`, or with `redirectOnFailure: false` the failure is the result.
   *
   * @param input what a sign-in begins with, or a form with fields of these names
   * @throws Next's own signal for the redirect; AtprotoAuthError `request_refused` for a request that another site's
   *   page caused; TypeError where no cookie can be set; ConfigurationError; StoreUnavailableError
   * @example
   * ```tsx
   * async function signIn(_previous: SignInFailure | null, form: FormData) {
   *   'use server'
   *   return auth.signIn(form, { redirectOnFailure: false })
   * }
   * ```
   */
  signIn(input: FormData | SignInFields, options?: SignInOptions): Promise<SignInFailure>
  /**
   * An account's session outside of any request, for jobs and queues: the one whose tokens were renewed last, or the
   * one of that session id (`session.id`, a secret). Tokens that end soon are renewed.
   *
   * @throws TokenRevokedError when there is none (any more); TokenRefreshError; ConfigurationError;
   *   StoreUnavailableError; TypeError when `did` is no DID
   * @example
   * ```ts
   * const session = await auth.restore('did:plc:ewvi7nxzyoun6zhxrhs64oiz')
   * ```
   */
  restore(did: string, choice?: SessionChoice): Promise<OAuthSession>
  /**
   * The OAuth client below, for what this object does not offer.
   *
   * @throws ConfigurationError; StoreUnavailableError when the data directory cannot be made
   * @example
   * ```ts
   * const client = await auth.client()
   * ```
   */
  client(): Promise<OAuthClient>
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
  const log = createLog(options)
  const runtime = createRuntime(options, log)
  const getSession = createGetSession(runtime)
  return {
    handlers: createHandlers(runtime, log),
    getSession,
    requireSession: (wishes = {}) => requireSession(getSession, runtime, wishes),
    getSessionStatus: () => getSessionStatus(runtime),
    signIn: async (input, wishes = {}) => signIn(input, wishes, await runtime()),
    restore: async (did, choice = {}) => (await runtime()).client.restore(did, 'auto', choice),
    client: async () => (await runtime()).client,
    ...createAccountFunctions(runtime),
  }
}
