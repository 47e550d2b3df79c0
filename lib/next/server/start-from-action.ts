/**
 * The common part of `auth.signIn()` and `auth.connect()`: sends the browser to the authorization server, or shows the
 * failure.
 */
import 'server-only'
// Without the suffix `.js`, unlike other imports of Next: Next replaces exactly this name by the server's version.
import { redirect } from 'next/navigation'
import { connectErrorMessage, type SignInErrorCode, signInErrorMessage } from '../../web/sign-in-error.ts'
import type { Config } from '../config/load-config.ts'
import { logAnyFailure, type ShownFailure } from '../sign-in/sign-in-failure.ts'
import type { StartedSignIn } from '../sign-in/start-sign-in.ts'
import { applyCookieChanges, type CurrentRequest } from './current-request.ts'
import { redirectTo } from './redirect.ts'

/** Why a sign-in or a connection did not start, for a form that shows it. */
export interface SignInFailure {
  readonly error: SignInErrorCode
  /** A sentence for the user, in English. */
  readonly message: string
  /** What was typed, to be shown again. */
  readonly identifier: string
  /** Show it to the user: the same text is in the log line of the failure. */
  readonly errorReference?: string | undefined
}

export interface SignInOptions {
  /**
   * Whether a failure redirects, to the sign-in page or, from `connect`, to `returnTo`; default true. With false the
   * failure is returned, for `useActionState`.
   */
  readonly redirectOnFailure?: boolean | undefined
}

export interface ActionStart {
  readonly activity: 'sign_in' | 'connect'
  readonly request: CurrentRequest
  readonly start: () => Promise<StartedSignIn>
  /** Path of the page that shows a failure. */
  readonly failurePath: (failure: ShownFailure) => string
  readonly identifier: string
}

/**
 * Sends the browser to the authorization server.
 *
 * @returns a failure, only if `redirectOnFailure` is false
 * @throws Next's own signal when it redirects; TypeError where no cookie can be set
 */
export async function startFromAction(
  { activity, request, start, failurePath, identifier }: ActionStart,
  { redirectOnFailure = true }: SignInOptions,
  config: Config,
): Promise<SignInFailure> {
  const started = await start().catch((failure: unknown) => {
    const shown = logAnyFailure(activity, failure, config)
    if (redirectOnFailure) redirectTo(failurePath(shown), config)
    const messageFor = activity === 'connect' ? connectErrorMessage : signInErrorMessage
    return { ...shown, message: messageFor(shown.error) ?? '', identifier }
  })
  if ('error' in started) return started
  applyCookieChanges(request, started.cookies, config)
  redirect(started.url.href)
}
