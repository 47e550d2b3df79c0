/**
 * Connecting an account to a user of the application. The flow is that of a sign-in; at its end the account belongs to
 * the user for whom it began, and the browser is not signed in as anyone new.
 */
import 'server-only'
import { AtprotoAuthError, ConfigurationError, OAuthCallbackError } from '../../errors.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { SignInErrorCode } from '../../web/sign-in-error.ts'
import { MAX_IDENTIFIER } from '../../web/sign-in-page.ts'
import type { Config } from '../config/load-config.ts'
import type { ConnectOptions } from '../events/hooks.ts'
import { type AppState, encodeAppState } from './app-state.ts'

const MAX_LINK = 512
const ANY_ORIGIN = 'http://connect-page.invalid'

/** @throws ConfigurationError when the application does not connect accounts */
export function requireConnect({ connect }: Pick<Config, 'connect'>): ConnectOptions {
  if (connect) return connect
  throw new ConfigurationError(
    'auth.connect() needs the option connect: createAtprotoAuth({ connect: { currentUser, onConnected } }).',
  )
}

/**
 * The name of a user of the application.
 *
 * @throws TypeError unless it is a text of 1 to 512 characters
 */
export function parseLink(link: unknown): string {
  if (typeof link === 'string' && link !== '' && link.length <= MAX_LINK) return link
  throw new TypeError(
    `auth.connect() needs link, which names the user in your application: a text of 1 to ${MAX_LINK} characters. ` +
      'Take it from your own session, never from a form.',
  )
}

/**
 * The path of the page that began a connection, with the reason why there is none in its query.
 *
 * @param page `returnTo` as `readReturnTo` gave it
 */
export function connectPath({
  returnTo,
  error,
  errorReference,
  identifier,
}: {
  readonly returnTo: string
  readonly error?: SignInErrorCode | undefined
  readonly errorReference?: string | undefined
  readonly identifier?: string | undefined
}): string {
  const { pathname, searchParams, hash } = new URL(returnTo, ANY_ORIGIN)
  searchParams.delete('error')
  searchParams.delete('identifier')
  searchParams.delete('errorReference')
  if (error) searchParams.set('error', error)
  if (identifier) searchParams.set('identifier', identifier.slice(0, MAX_IDENTIFIER))
  if (errorReference) searchParams.set('errorReference', errorReference)
  const query = searchParams.size > 0 ? `?${searchParams}` : ''
  return pathname + query + hash
}

/**
 * Asks the application who its user is in this request.
 *
 * @throws AtprotoAuthError `user_mismatch` when it is not the one that `link` names; `connect_failed` when
 *   `currentUser` threw
 */
export async function checkCurrentUser(link: string, config: Pick<Config, 'connect' | 'log'>): Promise<void> {
  const { currentUser } = requireConnect(config)
  const user = await callHook(() => currentUser(), 'currentUser', config)
  if (user === link) return
  throw new AtprotoAuthError(
    'user_mismatch',
    typeof user === 'string'
      ? 'The current user of the application is not the one that the connection was begun for.'
      : 'The application has no current user.',
  )
}

/** A connection whose tokens are there, and the user that it was begun for. */
export interface NewConnection {
  readonly session: OAuthSession
  readonly appState: AppState
  readonly link: string
}

/**
 * Gives a new connection to the application. When its user has changed, or it does not want it, the session is ended.
 *
 * @throws OAuthCallbackError `user_mismatch`, `connect_refused`, `connect_failed`
 */
export async function finishConnection(
  { session, appState, link }: NewConnection,
  config: Pick<Config, 'connect' | 'log'>,
): Promise<void> {
  const { did, id: sessionId } = session
  try {
    await checkCurrentUser(link, config)
    const { onConnected } = requireConnect(config)
    await callHook(() => onConnected({ did, sessionId, link, session }), 'onConnected', config)
  } catch (cause) {
    await session.signOut()
    if (!(cause instanceof AtprotoAuthError)) throw cause
    const params = new URLSearchParams()
    const state = encodeAppState(appState)
    throw new OAuthCallbackError(cause.code, cause.message, { cause, did, params, state })
  }
}

async function callHook<T>(
  call: () => T | PromiseLike<T>,
  name: keyof ConnectOptions,
  { log }: Pick<Config, 'log'>,
): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof AtprotoAuthError && cause.code === 'connect_refused')
      throw new AtprotoAuthError('connect_refused', `${name} refused; nothing was connected.`, { cause })
    log.failure('hook', cause)
    throw new AtprotoAuthError('connect_failed', `${name} threw; nothing was connected.`, { cause })
  }
}
