/** The beginning of a sign-in, the same from a form, a link and a server action. */
import 'server-only'
import { beginFlow, type CookieChange } from '../../web/flow-cookie.ts'
import type { Runtime } from '../config/load-config.ts'
import { writeFlowState } from './app-state.ts'
import { checkLogin, type LoginRequest } from './sign-in-request.ts'

export interface BegunSignIn {
  /** At the authorization server: where to send the browser. */
  readonly url: URL
  /** What binds the sign-in to the browser. */
  readonly cookies: readonly CookieChange[]
}

/**
 * @param headers of the request that asks for it
 * @throws AtprotoAuthError as `OAuthClient.start`; ConfigurationError for a scope that is not declared
 */
export async function beginSignIn(
  login: LoginRequest,
  headers: Pick<Headers, 'get'>,
  runtime: Runtime,
): Promise<BegunSignIn> {
  checkLogin(login, runtime)
  const { identifier, returnTo, scope, prompt } = login
  await runtime.limitLogin({ headers, identifier })
  const { url, state } = await runtime.client.start(identifier, {
    state: writeFlowState({ returnTo, scope }),
    scope: scope ?? runtime.scopes.signIn,
    prompt,
  })
  return { url, cookies: await beginFlow(headers.get('cookie'), state, runtime) }
}

/** Whether the browser calls the application by a name whose cookies the callback would not get. */
export function isAtOtherHost(headers: Pick<Headers, 'get'>, { otherHosts }: Runtime): boolean {
  return otherHosts.has(headers.get('host') ?? '')
}
