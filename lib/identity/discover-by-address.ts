/**
 * Sign-in that begins with a server instead of an account: the address of a PDS or of an authorization server
 * (atproto.com/specs/oauth, "Identity Authentication").
 */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { checkUrl } from '../net/address-policy.ts'
import {
  type AuthMethod,
  type AuthorizationServer,
  type DiscoveryDeps,
  describeServer,
  discoverServer,
} from './discovery.ts'

/**
 * The authorization server at an origin that somebody typed: asked as a PDS first, then as the server itself. Of
 * the account nothing is known yet; the token answer names it, and has to be verified.
 *
 * @throws AtprotoAuthError `invalid_identifier` when the text alone is refused; OAuthResolverError
 *   `identity_not_found` whatever else is wrong: the form must not tell what answers where
 */
export async function discoverServerAt(
  origin: string,
  authMethod: AuthMethod,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<AuthorizationServer> {
  checkOrigin(origin, deps)
  const asPds = await attempt(discoverServer(origin, authMethod, deps, signal), signal)
  if (!(asPds instanceof AtprotoAuthError)) return asPds
  const expected = { issuer: origin, pds: undefined, authMethod }
  const asIssuer = await attempt(describeServer(expected, deps, signal), signal)
  if (!(asIssuer instanceof AtprotoAuthError)) return asIssuer
  throw new OAuthResolverError('identity_not_found', `No server to sign in at was found at ${origin}.`, {
    cause: new AggregateError([asPds, asIssuer], 'Neither a PDS nor an authorization server.'),
    endpoint: origin,
  })
}

function checkOrigin(origin: string, deps: DiscoveryDeps): void {
  try {
    checkUrl(origin, deps)
  } catch (cause) {
    throw new AtprotoAuthError('invalid_identifier', 'The public https address of a server was expected.', {
      cause,
    })
  }
}

/** The result, or why there is none. */
async function attempt<T>(
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
