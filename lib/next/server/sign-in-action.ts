/** `auth.signIn()`: starts a sign-in from a server action of the application. */
import 'server-only'
// Without the suffix `.js`, unlike other imports of Next: Next replaces exactly this name by the server's version.
import { redirect } from 'next/navigation'
import { refuseForeignRequest } from '../../web/request-checks.ts'
import { type SignInErrorCode, signInErrorMessage } from '../../web/sign-in-error.ts'
import { signInPath } from '../../web/sign-in-page.ts'
import type { Config } from '../config/load-config.ts'
import { signInUrlAtPublicHost } from '../sign-in/public-host.ts'
import { logSignInFailure } from '../sign-in/sign-in-failure.ts'
import { readSignInRequest } from '../sign-in/sign-in-request.ts'
import { startSignIn } from '../sign-in/start-sign-in.ts'
import { applyCookieChanges, readCurrentRequest } from './current-request.ts'
import { redirectTo } from './redirect.ts'

/** What a sign-in starts with; a form may have fields of these names. */
export interface SignInFields {
  /** Handle, DID, or the address of a server that the options allow. */
  readonly identifier: string
  /** Path of the application to return to; default the option `afterSignIn`. */
  readonly returnTo?: string | undefined
  /** Scope to ask for instead of `signInScope`: `atproto` and a part of the option `scope`. */
  readonly scope?: string | undefined
  /** `create`: to create an account at the server that `identifier` names, one of the option `signUpHosts`. */
  readonly prompt?: 'create' | undefined
}

/** Why a sign-in did not start, for a form that shows it. */
export interface SignInFailure {
  readonly error: SignInErrorCode
  /** A sentence for the user, in English. */
  readonly message: string
  /** What was typed, to be shown again. */
  readonly identifier: string
}

export interface SignInOptions {
  /**
   * Whether a failure redirects to the sign-in page; default true. With false the failure is returned, for
   * `useActionState`.
   */
  readonly redirectOnFailure?: boolean | undefined
}

/** `AtprotoAuth.signIn`. */
export async function signInFromAction(
  input: FormData | SignInFields,
  { redirectOnFailure = true }: SignInOptions,
  config: Config,
): Promise<SignInFailure> {
  const request = await readCurrentRequest()
  refuseForeignRequest(request.headers, config.publicOrigin)
  const signIn = readSignInRequest(input, config)
  const otherUrl = signInUrlAtPublicHost(request.headers, signIn, config)
  if (otherUrl !== undefined) redirect(otherUrl)
  const started = await startSignIn(signIn, request.headers, config).catch((failure: unknown) => {
    const error = logSignInFailure('sign_in', failure, config)
    if (redirectOnFailure) redirectTo(signInPath(config.paths, { ...signIn, error }), config)
    return { error, message: signInErrorMessage(error) ?? '', identifier: signIn.identifier }
  })
  if ('error' in started) return started
  applyCookieChanges(request, started.cookies, config)
  redirect(started.url.href)
}
