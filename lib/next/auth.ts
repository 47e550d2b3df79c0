/** `createAtprotoAuth`: the object that an application creates once, in its `auth.ts`. */
import 'server-only'
import type { PublicProfile } from '../identity/profile-cache.ts'
import type { OAuthClient, SessionChoice } from '../oauth/client.ts'
import type { OAuthSession } from '../oauth/session/session.ts'
import { createConfigLoader } from './config/load-config.ts'
import type { AtprotoAuthOptions } from './config/options.ts'
import { createLog } from './events/log.ts'
import { createHandlers, type Handlers } from './handlers/routes.ts'
import { type AccountFunctions, createAccountFunctions } from './server/account-functions.ts'
import {
  type ConnectFields,
  type ConnectionChoice,
  connectFromAction,
  disconnect,
} from './server/connect-action.ts'
import {
  createGetSession,
  getSessionStatus,
  type RequireSessionOptions,
  requireSession,
} from './server/get-session.ts'
import type { SessionStatus } from './server/session-status.ts'
import { type SignInFields, signInFromAction } from './server/sign-in-action.ts'
import type { SignInFailure, SignInOptions } from './server/start-from-action.ts'

export interface AtprotoAuth extends AccountFunctions {
  readonly handlers: Handlers
  /**
   * The session of the active account in this request; null when no account is signed in, or when its session has
   * ended. Works in server components, route handlers and server actions. Makes no request to other servers.
   *
   * @throws ConfigurationError; StoreUnavailableError when the store is down, which signs no one out
   * @example
   * ```tsx
   * const session = await auth.getSession()
   * return session ? <p>Signed in as {session.did}</p> : <a href="/sign-in">Sign in</a>
   * ```
   */
  getSession(): Promise<OAuthSession | null>
  /**
   * The session of the active account. Use it to protect a page, route or action; the middleware alone does not.
   *
   * Without a session, the visitor is redirected to the sign-in page, whose query has `returnTo` and `scope` for its
   * form, and returns to `returnTo` afterwards. If the session lacks `scope`, the visitor is redirected to their
   * authorization server to grant it. If they decline, the sign-in page shows `scope_missing`. If a page of another
   * site led here, the sign-in page is shown first.
   *
   * @throws as `getSession`; ConfigurationError when the option `scope` contains nothing that allows it; Next's own
   *   signal when it redirects
   * @example
   * ```ts
   * const session = await auth.requireSession({ returnTo: '/upload', scope: 'blob:image/png' })
   * ```
   */
  requireSession(options?: RequireSessionOptions): Promise<OAuthSession>
  /**
   * Whether an account is signed in. Unlike `getSession`, it tells "not signed in" from `reauth_required`: the account
   * has to sign in again, for the given reason. Reads the store at each call.
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
   * The public profile of an account: its verified handle, and the display name and picture on its PDS. It needs no session
   * and sends no token. Kept in memory for ten minutes. It takes two seconds at most, and then gives what was known before;
   * servers that fail cause no error (`isComplete` is false). Never pass a DID that a visitor chose: each DID makes this
   * server send requests.
   *
   * @throws TypeError when `did` is not a DID; ConfigurationError
   * @example
   * ```ts
   * const { handle, displayName, avatar } = await auth.getProfile(session.did)
   * ```
   */
  getProfile(did: string): Promise<PublicProfile>
  /**
   * Starts a sign-in from a server action: redirects the browser to the account's authorization server. Without a
   * server action, a form can post `identifier` and `returnTo` to `/oauth/login` instead. If the sign-in cannot start,
   * redirects to the sign-in page with `?error=`, also when the store is down; with `redirectOnFailure: false`, returns
   * the failure.
   *
   * @param input options, or a form with fields of these names
   * @throws Next's own signal when it redirects; AtprotoAuthError `request_refused` when a page of another site caused
   *   the request; TypeError where no cookie can be set; ConfigurationError
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
   * Connects an account to a user of your application, beside another sign-in: redirects the browser to the account's
   * authorization server. When it comes back, `currentUser` must still return `link`; then `onConnected` is called, and
   * the browser goes to `returnTo`. The browser gets no session. If the connection cannot start or is refused, the
   * browser goes to `returnTo` with `?error=`; with `redirectOnFailure: false`, a connection that cannot start returns the
   * failure. For server actions and route handlers.
   *
   * @throws as `signIn`; ConfigurationError without the option `connect`; TypeError for a malformed `link`
   * @example
   * ```tsx
   * async function connectBluesky(form: FormData) {
   *   'use server'
   *   const link = await currentUserId() // from your own sign-in
   *   await auth.connect({ identifier: String(form.get('identifier')), link, returnTo: '/settings' })
   * }
   * ```
   */
  connect(fields: ConnectFields, options?: SignInOptions): Promise<SignInFailure>
  /**
   * Ends one connection: its session is removed and its tokens are revoked. Signs out no browser, ends no other
   * connection and calls no hook. It works outside of requests too: check who asks for it.
   *
   * @returns whether the account had that connection
   * @throws TypeError when `did` is not a DID or `sessionId` not that of a connection; ConfigurationError;
   *   StoreUnavailableError when it could not be removed
   * @example
   * ```ts
   * await auth.disconnect(did, { sessionId })
   * ```
   */
  disconnect(did: string, choice: ConnectionChoice): Promise<boolean>
  /**
   * A session of an account, for jobs and queues that run outside of requests: the one with that session id
   * (`session.id`, which is a secret), by default the most recently refreshed one that is not a connection. Refreshes
   * tokens that expire soon.
   *
   * @throws TokenRevokedError when it has ended, with a `reason`, or the store has no such session, without;
   *   ConfigurationError when it is stored, but does not open with this configuration (`unopenedSession`);
   *   TokenRefreshError; StoreUnavailableError; TypeError when `did` is not a DID, or there is a choice
   *   without a `sessionId`
   * @example
   * ```ts
   * const session = await auth.restore('did:plc:ewvi7nxzyoun6zhxrhs64oiz')
   * ```
   */
  restore(did: string, choice?: SessionChoice): Promise<OAuthSession>
  /**
   * By what the store lists an account's sessions: text that does not show the account, one key for each secret, newest
   * first. Keep it beside your own user, to count or end that user's sessions with SQL (the view `atproto_auth_sessions` of
   * the PostgreSQL store). After a change of `secret`, store the new list at the next sign-in.
   *
   * @throws ConfigurationError; TypeError when `did` is not a DID
   * @example
   * ```ts
   * const keys = await auth.accountKeys(did)
   * const sql = 'SELECT count(DISTINCT session) FROM atproto_auth_sessions WHERE account = ANY ($1)'
   * ```
   */
  accountKeys(did: string): Promise<readonly string[]>
  /**
   * The underlying OAuth client, for what this object does not offer.
   *
   * @throws ConfigurationError; StoreUnavailableError when the data directory cannot be created
   * @example
   * ```ts
   * const client = await auth.client()
   * ```
   */
  client(): Promise<OAuthClient>
}

/**
 * Sign-in with AT Protocol OAuth for an App Router application. Reads no environment variable and opens no store before
 * the first request.
 *
 * @example
 * ```ts
 * export const auth = createAtprotoAuth({ clientName: 'My App', scope: 'atproto repo:app.bsky.feed.post' })
 * ```
 */
export function createAtprotoAuth(options: AtprotoAuthOptions = {}): AtprotoAuth {
  const log = createLog(options)
  const loadConfig = createConfigLoader(options, log)
  const getSession = createGetSession(loadConfig)
  return {
    handlers: createHandlers(loadConfig, log),
    getSession,
    requireSession: (requireOptions = {}) => requireSession(getSession, loadConfig, requireOptions),
    getSessionStatus: () => getSessionStatus(loadConfig),
    getProfile: async (did) => (await loadConfig()).client.getProfile(did),
    signIn: async (input, signInOptions = {}) => signInFromAction(input, signInOptions, await loadConfig()),
    connect: async (fields, signInOptions = {}) =>
      connectFromAction(fields, signInOptions, await loadConfig()),
    disconnect: async (did, choice) => disconnect(did, choice, await loadConfig()),
    restore: async (did, choice) => (await loadConfig()).client.restore(did, 'auto', choice),
    accountKeys: async (did) => (await loadConfig()).client.accountKeys(did),
    client: async () => (await loadConfig()).client,
    ...createAccountFunctions(loadConfig),
  }
}
