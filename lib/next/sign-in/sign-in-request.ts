/** What was asked for when a sign-in started: by a form, a link, or the application's code. */
import 'server-only'
import { AtprotoAuthError, ConfigurationError, InvalidIdentifierError } from '../../errors.ts'
import { parseIdentifier, parseServerUrl } from '../../identity/syntax.ts'
import { scopeOf } from '../../oauth/sign-in/authorize-options.ts'
import type { Config } from '../config/load-config.ts'
import { readReturnTo } from '../config/return-path.ts'

/** Text fields as they were sent; each may be missing. */
interface SignInInput {
  readonly identifier?: string | undefined
  readonly returnTo?: string | undefined
  readonly scope?: string | undefined
  readonly prompt?: string | undefined
  readonly scripts?: string | undefined
}

export interface SignInRequest {
  /** Handle, DID or server address as it was typed; empty when none was given. */
  readonly identifier: string
  /** Path of the application. */
  readonly returnTo: string
  /** What to ask for instead of the option `signInScope`. */
  readonly scope: string | undefined
  /** `create`: to create an account at the server that `identifier` names. */
  readonly prompt: 'create' | undefined
  /** `off`: the browser runs no scripts, so that an error has to be shown on the plain page. */
  readonly scripts?: 'off' | undefined
  /** The user of the application that the account is connected to: from its own code, never from a request. */
  readonly link?: string | undefined
}

/**
 * Reads a form, a query or an object. Of a field that occurs twice the first value counts; empty fields and files count
 * as missing. Nothing is checked but `returnTo`: see `checkSignInRequest`.
 */
export function readSignInRequest(
  input: URLSearchParams | FormData | SignInInput,
  config: Pick<Config, 'paths' | 'log'>,
): SignInRequest {
  const isForm = input instanceof FormData || input instanceof URLSearchParams
  const { identifier, returnTo, scope, prompt, scripts } = isForm ? readForm(input) : input
  return {
    identifier: identifier?.trim() ?? '',
    returnTo: readReturnTo(returnTo, config.paths.afterSignIn, config),
    scope,
    prompt: prompt === 'create' ? 'create' : undefined,
    scripts: scripts === 'off' ? 'off' : undefined,
  }
}

function readForm(form: URLSearchParams | FormData): SignInInput {
  const read = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    identifier: read('identifier'),
    returnTo: read('returnTo'),
    scope: read('scope'),
    prompt: read('prompt'),
    scripts: read('scripts'),
  }
}

/**
 * Checks a request before anything is sent to another server. The login route is public, so a request can name any
 * server and any scope.
 *
 * @throws InvalidIdentifierError; ConfigurationError for a scope that the application does not declare
 */
export function checkSignInRequest(
  { identifier, scope, prompt }: SignInRequest,
  { signUpHosts, allowServerAddress, scopes }: Pick<Config, 'signUpHosts' | 'allowServerAddress' | 'scopes'>,
): void {
  const host = parseServerUrl(identifier)
  const isListed = host !== undefined && signUpHosts.has(host)
  if (prompt === 'create' && !isListed) {
    throw new AtprotoAuthError(
      'invalid_identifier',
      'An account can only be created at a server of the option signUpHosts.',
    )
  }
  if (host !== undefined && !isListed && !allowServerAddress) {
    throw new InvalidIdentifierError(
      'The options signUpHosts and allowServerAddress do not allow sign-in by this server address.',
      'web_address',
    )
  }
  if (host === undefined) parseIdentifier(identifier)
  if (scope === undefined) return
  if (scope.length > scopes.declared.length)
    throw new ConfigurationError('The requested scope is longer than the declared one.')
  scopeOf(scope, scopes.declared)
}
