/** `auth.signIn()`: starts a sign-in from a server action of the application. */
import 'server-only'
// Without the suffix `.js`, unlike other imports of Next: Next replaces exactly this name by the server's version.
import { redirect } from 'next/navigation'
import { signInPath } from '../../web/sign-in-page.ts'
import type { Config } from '../config/load-config.ts'
import { signInUrlAtPublicHost } from '../sign-in/public-host.ts'
import { readSignInRequest } from '../sign-in/sign-in-request.ts'
import { startSignIn } from '../sign-in/start-sign-in.ts'
import { readOwnRequest } from './current-request.ts'
import {
  type ActionStart,
  type SignInFailure,
  type SignInOptions,
  startFromAction,
} from './start-from-action.ts'

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

/** `AtprotoAuth.signIn`. */
export async function signInFromAction(
  input: FormData | SignInFields,
  options: SignInOptions,
  sharedConfig: Config,
): Promise<SignInFailure> {
  const request = await readOwnRequest(sharedConfig)
  const config = { ...sharedConfig, log: sharedConfig.log.forRequest() }
  const signIn = readSignInRequest(input, config)
  const hints = { ...signIn, error: 'host_changed' }
  const otherUrl = signInUrlAtPublicHost(request.headers, hints, config)
  if (otherUrl !== undefined) redirect(otherUrl)
  const start = () => startSignIn(signIn, request.headers, config)
  const failurePath: ActionStart['failurePath'] = (failure) =>
    signInPath(config.paths, { ...signIn, ...failure })
  const { identifier } = signIn
  return startFromAction({ activity: 'sign_in', request, start, failurePath, identifier }, options, config)
}
