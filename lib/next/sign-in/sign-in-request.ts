/** What a person asked for when they began to sign in: from a form, a link, or the application's own code. */
import 'server-only'
import { AtprotoAuthError, ConfigurationError } from '../../errors.ts'
import { parseIdentifier, parseServerUrl } from '../../identity/syntax.ts'
import { scopeOf } from '../../oauth/sign-in/authorize-options.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import type { Runtime } from '../config/load-config.ts'

/** Text fields, each of which may be missing. */
export interface LoginFields {
  readonly identifier?: string | undefined
  readonly returnTo?: string | undefined
  readonly scope?: string | undefined
  readonly prompt?: string | undefined
}

export interface LoginRequest {
  /** Handle, DID or a server's address, as it was typed. */
  readonly identifier: string
  /** Path of the application. */
  readonly returnTo: string
  /** Asked for in place of what a sign-in asks for. */
  readonly scope: string | undefined
  /** `create`: the person wants an account at the server named. */
  readonly prompt: 'create' | undefined
}

/** The fields of a form or a query by name; the first counts, and files are none. */
export function readFields(fields: URLSearchParams | FormData): LoginFields {
  const read = (name: string) => {
    const value = fields.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    identifier: read('identifier'),
    returnTo: read('returnTo'),
    scope: read('scope'),
    prompt: read('prompt'),
  }
}

export function readLogin(fields: LoginFields, { paths }: Pick<Runtime, 'paths'>): LoginRequest {
  return {
    identifier: fields.identifier?.trim() ?? '',
    returnTo: safeReturnTo(fields.returnTo, paths.afterSignIn, paths.base),
    scope: fields.scope,
    prompt: fields.prompt === 'create' ? 'create' : undefined,
  }
}

/**
 * Judges what was asked for before anything is sent anywhere: here, anybody could name a server or a scope.
 *
 * @throws AtprotoAuthError `invalid_identifier`; ConfigurationError for a scope that the application does not declare
 */
export function checkLogin({ identifier, scope, prompt }: LoginRequest, runtime: Runtime): void {
  const { signUpHosts, allowServerAddress, scopes } = runtime
  const host = parseServerUrl(identifier)
  const isListed = host !== undefined && signUpHosts.has(host)
  if (prompt === 'create' ? !isListed : host !== undefined && !isListed && !allowServerAddress) {
    throw new AtprotoAuthError('invalid_identifier', 'A server was named that the options do not allow.')
  }
  if (host === undefined) parseIdentifier(identifier)
  if (scope === undefined) return
  if (scope.length > scopes.declared.length)
    throw new ConfigurationError('More scope was asked for than is declared.')
  scopeOf(scope, scopes.declared)
}
