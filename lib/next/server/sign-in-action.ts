/** `signIn()`: begins a sign-in from a server action of the application. */
import 'server-only'
// Without the suffix of its neighbours: Next replaces this very name by the server's version.
import { redirect } from 'next/navigation'
import { AtprotoAuthError } from '../../errors.ts'
import { refuseForeignRequest } from '../../web/request-checks.ts'
import { type SignInErrorCode, signInErrorMessage, toSignInErrorCode } from '../../web/sign-in-error.ts'
import { signInPath } from '../../web/sign-in-page.ts'
import type { Runtime } from '../config/load-config.ts'
import { beginSignIn, isAtOtherHost } from '../sign-in/start-sign-in.ts'
import { type LoginFields, type LoginRequest, readFields, readLogin } from '../sign-in/sign-in-request.ts'
import { readRequest, setRequestCookies } from './current-request.ts'
import { redirectTo } from './redirect.ts'

/** What a sign-in begins with; a form may have fields of these names. */
export interface SignInFields {
  /** Handle, DID, or the address of a server that the options allow. */
  readonly identifier: string
  /** Path of the application to go to afterwards; default the option `afterSignIn`. */
  readonly returnTo?: string | undefined
  /** What to ask for in place of `signInScope`: `atproto` and some of the option `scope`. */
  readonly scope?: string | undefined
  /** `create`: an account is wanted at the server that `identifier` names, one of the option `signUpHosts`. */
  readonly prompt?: 'create' | undefined
}

/** Why a sign-in did not begin, for a form that shows it. */
export interface SignInFailure {
  readonly error: SignInErrorCode
  /** A sentence for the person, in English. */
  readonly message: string
  /** What was typed, to be shown again. */
  readonly identifier: string
}

export interface SignInOptions {
  /** False: a failure is the result, for `useActionState`; by default the sign-in page is shown with it. */
  readonly redirectOnFailure?: boolean | undefined
}

/** As `AtprotoAuth.signIn`. */
export async function signIn(
  input: FormData | SignInFields,
  { redirectOnFailure = true }: SignInOptions,
  runtime: Runtime,
): Promise<SignInFailure> {
  const request = await readRequest()
  refuseForeignRequest(request.headers, runtime.publicUrl)
  const fields: LoginFields = input instanceof FormData ? readFields(input) : input
  const login = readLogin(fields, runtime)
  const { publicUrl, paths } = runtime
  if (isAtOtherHost(request.headers, runtime)) redirect(publicUrl + paths.prefix + signInPath(paths, login))
  const begun = await beginSignIn(login, request.headers, runtime).catch((error: unknown) =>
    fail(error, login, runtime),
  )
  if ('url' in begun) {
    setRequestCookies(request, begun.cookies, runtime)
    redirect(begun.url.href)
  }
  if (redirectOnFailure) redirectTo(signInPath(paths, { ...login, error: begun.error }), runtime)
  return begun
}

function fail(error: unknown, { identifier }: LoginRequest, { log }: Runtime): SignInFailure {
  if (error instanceof AtprotoAuthError && error.code === 'store_unavailable') throw error
  log.failure('sign_in', error)
  const code = toSignInErrorCode(error)
  return { error: code, message: signInErrorMessage(code) ?? '', identifier }
}
