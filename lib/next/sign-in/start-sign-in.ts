/** Starts a sign-in: the common part of the login route, `auth.signIn()` and `auth.connect()`. */
import 'server-only'
import type { CookieChange } from '../../web/cookie-header.ts'
import { startFlow } from '../../web/flow-cookie.ts'
import type { Config } from '../config/load-config.ts'
import { encodeAppState } from './app-state.ts'
import { warnOfOtherPort } from './public-host.ts'
import { checkSignInRequest, type SignInRequest } from './sign-in-request.ts'

export interface StartedSignIn {
  /** URL of the authorization server to send the browser to. */
  readonly url: URL
  /** Cookies that bind the sign-in to this browser. */
  readonly cookies: readonly CookieChange[]
}

/**
 * Asks the account's authorization server for a sign-in.
 *
 * @param headers of the HTTP request that asked for it
 * @throws AtprotoAuthError as `OAuthClient.start`; TooManyAttemptsError; ConfigurationError for a scope that is not
 *   declared; StoreUnavailableError
 */
export async function startSignIn(
  signIn: SignInRequest,
  headers: Pick<Headers, 'get'>,
  config: Config,
): Promise<StartedSignIn> {
  checkSignInRequest(signIn, config)
  warnOfOtherPort(headers, config)
  const { identifier, returnTo, scope, prompt, scripts, link } = signIn
  await config.limitLogin({ headers, identifier })
  const { url, state: oauthState } = await config.client.start(identifier, {
    state: encodeAppState({
      returnTo,
      scope,
      scripts,
      link,
      identifier: prompt === 'create' ? undefined : identifier,
    }),
    scope: scope ?? config.scopes.signIn,
    prompt,
  })
  const kind = link === undefined ? 'sign_in' : 'connection'
  return { url, cookies: await startFlow(headers.get('cookie'), oauthState, { ...config, kind }) }
}
