/**
 * Sign-in that begins with a server instead of an account: the address of a PDS or of an authorization server
 * (atproto.com/specs/oauth, "Identity Authentication").
 */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { checkUrl } from '../net/address-policy.ts'
import type { AuthorizationServer } from './authorization-server.ts'
import type { LookupOptions } from './cache.ts'
import type { AuthMethod } from './check-server-metadata.ts'
import { type DiscoveryDeps, describeServer, discoverServer } from './discover-server.ts'

/**
 * Finds the authorization server at an origin that a user typed. The origin is tried as a PDS first, then as the
 * authorization server itself. The account is not known yet: the token response names it, and it must be verified then.
 *
 * @throws AtprotoAuthError `invalid_identifier` when the address itself is not allowed; OAuthResolverError
 *   `server_unavailable` when a server could not be asked, the same for an address that is blocked, closed, slow or
 *   unknown, so that the form cannot be used to probe the network; `identity_not_found` when the address answered as
 *   neither kind of server
 */
export async function discoverServerAt(
  origin: string,
  authMethod: AuthMethod,
  deps: DiscoveryDeps,
  options: LookupOptions = {},
): Promise<AuthorizationServer> {
  checkOrigin(origin, deps)
  const asPds = await resultOrError(discoverServer(origin, authMethod, deps, options), options.signal)
  if (!(asPds instanceof AtprotoAuthError)) return asPds
  const expected = { issuer: origin, pds: undefined, authMethod }
  const asIssuer = await resultOrError(describeServer(expected, deps, options), options.signal)
  if (!(asIssuer instanceof AtprotoAuthError)) return asIssuer
  const details = {
    cause: new AggregateError([asPds, asIssuer], `${asPds.message} ${asIssuer.message}`),
    endpoint: origin,
  }
  if (asPds.retryable || asIssuer.retryable)
    throw new OAuthResolverError('server_unavailable', `${origin} could not be asked.`, details)
  const message = `No PDS or authorization server was found at ${origin}.`
  throw new OAuthResolverError('identity_not_found', message, details)
}

function checkOrigin(origin: string, deps: DiscoveryDeps): void {
  try {
    checkUrl(origin, deps)
  } catch (cause) {
    throw new AtprotoAuthError('invalid_identifier', 'Expected the public https address of a server.', {
      cause,
    })
  }
}

async function resultOrError<T>(
  discovery: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | AtprotoAuthError> {
  try {
    return await discovery
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof AtprotoAuthError) return error
    throw error
  }
}
