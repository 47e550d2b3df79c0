/** Hooks: what an application is told about sign-ins and sessions, for instance to keep its own table of users. */
import 'server-only'
import { TokenRevokedError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import { isConnectionId } from '../../oauth/records/connection-id.ts'
import { type SessionHooks, withoutSecrets } from '../../oauth/records/session-events.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { ErrorEvent, Log } from './log.ts'

/** An account has signed in. */
export interface SignInEvent {
  readonly did: Did
  /** Already usable for calls, for instance for the profile, or the handle (`getHandle()`). */
  readonly session: OAuthSession
  /** Path of the application that the browser goes to next. */
  readonly returnTo: string
}

/** An account was connected to a user of the application. */
export interface ConnectedEvent {
  readonly did: Did
  /**
   * Names the connection to `restore` and `disconnect`, which act for who gives it. Store it, as plain text if you like: it gives
   * access only together with `ATPROTO_SECRET` and the store. Take it from no request, and show it to no browser.
   */
  readonly sessionId: string
  /** The user, as `connect` was given it. */
  readonly link: string
  /** Already usable for calls, for instance for the handle (`getHandle()`). `session.can()` says what was granted. */
  readonly session: OAuthSession
}

/** How the application connects accounts to its own users: see `AtprotoAuth.connect`. */
export interface ConnectOptions {
  /**
   * Who uses the application in this request, as `link` names them; null or undefined when no one is signed in. Called
   * when a connection begins and when the browser comes back; `cookies()` and `headers()` work. If it throws,
   * nothing is connected, and the page shows `connect_failed`.
   */
  readonly currentUser: () => string | null | undefined | PromiseLike<string | null | undefined>
  /**
   * Called when the account is connected, before the browser is redirected. Store `did` and `sessionId` for the user. To
   * refuse the account, throw an `AtprotoAuthError` with the code `connect_refused`: the page shows that the account was
   * not accepted. If it throws anything else, the page shows `connect_failed`. In both cases the session is ended.
   *
   * @example
   * ```ts
   * onConnected({ did, sessionId, link, session }) {
   *   if (!session.can('repo:app.bsky.feed.post?action=create'))
   *     throw new AtprotoAuthError('connect_refused', 'The permission to post was deselected.')
   *   return saveConnection({ userId: link, did, sessionId })
   * }
   * ```
   */
  readonly onConnected: (event: ConnectedEvent) => unknown
}

/** An account was signed out, by the user or by the application. */
export interface SignOutEvent {
  readonly did: Did
  /** Whether in all browsers; otherwise in this one, or on the device that was given to `revokeDevice`. */
  readonly everywhere: boolean
}

/** The tokens of a session were refreshed. */
export interface SessionRefreshedEvent {
  readonly did: Did
  /** When the new access token expires; undefined when the server did not say. */
  readonly expiresAt: Date | undefined
}

/** A session ended without a sign-out: the user has to sign in again. */
export interface SessionLostEvent {
  readonly did: Did
  /** Which session, for instance to find the user of a connection. Not in the printed event, or its JSON. */
  readonly sessionId: string
  /** Whether it is a connection; otherwise a sign-in. */
  readonly isConnection: boolean
  /** Its `reason` says why. */
  readonly cause: TokenRevokedError
}

export interface AuthHooks {
  /**
   * Called after a sign-in, before the browser is redirected; the redirect waits for it. Use it to store the user. If
   * it throws, the sign-in is refused: the session is ended and the sign-in page shows `sign_in_refused`.
   */
  readonly onSignIn?: ((event: SignInEvent) => unknown) | undefined
  /** Called after a sign-out, which waits for it. If it throws, the error is logged; the sign-out is complete. */
  readonly onSignOut?: ((event: SignOutEvent) => unknown) | undefined
  /** Called in the process that refreshed a session's tokens. Nothing waits for it. */
  readonly onSessionRefreshed?: ((event: SessionRefreshedEvent) => unknown) | undefined
  /**
   * Called in the process that detected that a session was revoked by its server, or that its account has moved.
   * For a connection, find its user by `sessionId`. Nothing waits for it.
   */
  readonly onSessionLost?: ((event: SessionLostEvent) => unknown) | undefined
  /**
   * Called with every failure that is logged, for instance to report it to an error tracker. Failures include mistyped
   * handles and cancelled sign-ins; filter by `code`. Nothing waits for it.
   */
  readonly onError?: ((event: ErrorEvent) => unknown) | undefined
}

const LOST = 'A connection was lost'

/** The hooks about sessions, as options of the client. The log is told of connections that were lost. */
export function sessionHooks(hooks: AuthHooks, log: Pick<Log, 'warnSeldom'>): SessionHooks {
  const { onSessionRefreshed, onSessionLost } = hooks
  return {
    onUpdate(did, { tokenSet, details }) {
      // A new session is reported by onSignIn.
      if (details.rotation === 0) return
      const { expires_at: expiresAt } = tokenSet
      return onSessionRefreshed?.({
        did,
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
      })
    },
    onDelete(did, cause, { sessionId }) {
      if (!(cause instanceof TokenRevokedError) || cause.reason === 'signed_out') return
      const isConnection = isConnectionId(sessionId)
      if (isConnection)
        log.warnSeldom(LOST, `A connection was lost: ${did} has to be connected again (${cause.reason}).`)
      const event = { did, sessionId, isConnection, cause }
      return onSessionLost?.(withoutSecrets(event, { did, isConnection, cause }))
    },
  }
}

/** Calls `onSignOut`. What it throws is logged, because the sign-out is complete. */
export async function notifySignOut(event: SignOutEvent, hooks: AuthHooks, log: Log): Promise<void> {
  try {
    await hooks.onSignOut?.(event)
  } catch (error) {
    log.failure('hook', error)
  }
}
