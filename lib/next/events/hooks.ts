/** What an application may be told of its sign-ins: enough to keep a table of users of its own. */
import 'server-only'
import { TokenRevokedError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import type { SessionHooks } from '../../oauth/records/session-events.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { ErrorEvent, Log } from './log.ts'

/** Somebody came back from the authorization server. */
export interface SignInEvent {
  readonly did: Did
  /** Able to call the PDS already, e.g. for the handle (`getHandle()`) and the profile. */
  readonly session: OAuthSession
  /** Path of the application that the person goes to next. */
  readonly returnTo: string
}

/** Somebody was signed out, by themselves or by the application. */
export interface SignOutEvent {
  readonly did: Did
  /** Whether in all browsers, or in one alone: this one, or the one that was given to `revokeDevice`. */
  readonly everywhere: boolean
}

/** Tokens were renewed. */
export interface SessionRefreshedEvent {
  readonly did: Did
  /** When the new access token ends; undefined when the server did not say. */
  readonly expiresAt: Date | undefined
}

/** A session ended that nobody signed out of: the person has to sign in again. */
export interface SessionLostEvent {
  readonly did: Did
  /** Says why in `reason`. */
  readonly cause: TokenRevokedError
}

export interface AuthHooks {
  /**
   * Called after a sign-in and before the browser is sent on, which waits for it: the place to write a row of users.
   * One that throws refuses the sign-in: the session is ended and the sign-in page says so (`sign_in_refused`).
   */
  readonly onSignIn?: ((event: SignInEvent) => unknown) | undefined
  /** Called after a sign-out, which waits for it and is done whatever it throws. */
  readonly onSignOut?: ((event: SignOutEvent) => unknown) | undefined
  /** Called in the process that renewed a session's tokens; nobody waits for it. */
  readonly onSessionRefreshed?: ((event: SessionRefreshedEvent) => unknown) | undefined
  /** Called in the process that found a session revoked by its server or moved; nobody waits for it. */
  readonly onSessionLost?: ((event: SessionLostEvent) => unknown) | undefined
  /**
   * Called with every failure that is logged, for a service that collects them. It also hears of wrong handles and
   * of people who changed their mind: look at `code`. Nobody waits for it.
   */
  readonly onError?: ((event: ErrorEvent) => unknown) | undefined
}

/** The hooks that follow the sessions of a client, as its own options. */
export function sessionHooks(hooks: AuthHooks): SessionHooks {
  const { onSessionRefreshed, onSessionLost } = hooks
  return {
    onUpdate(did, { tokenSet, details }) {
      // A session that was just begun is told of by onSignIn.
      if (details.rotation === 0) return
      const { expires_at: end } = tokenSet
      return onSessionRefreshed?.({ did, expiresAt: end === undefined ? undefined : new Date(end) })
    },
    onDelete(did, cause) {
      if (cause instanceof TokenRevokedError && cause.reason !== 'signed_out')
        return onSessionLost?.({ did, cause })
    },
  }
}

/** Tells of a sign-out; what the hook throws is logged, because the sign-out is done. */
export async function tellSignOut(event: SignOutEvent, hooks: AuthHooks, log: Log): Promise<void> {
  try {
    await hooks.onSignOut?.(event)
  } catch (error) {
    log.failure('hook', error)
  }
}
