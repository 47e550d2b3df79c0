/**
 * PDS → authorization server: the protected resource metadata of the PDS (RFC 9728) names the issuer, and the issuer's
 * metadata (RFC 8414) names its endpoints (atproto.com/specs/oauth, "Authorization Servers").
 */
import type { AuthorizationServer } from './authorization-server.ts'
import type { Cache, LookupOptions } from './cache.ts'
import {
  type AuthMethod,
  type ExpectedServer,
  missingDeclarations,
  problemForClient,
  problemWithResource,
  problemWithServer,
  type ResourceMetadata,
  resourceSchema,
  type ServerMetadata,
  serverSchema,
} from './check-server-metadata.ts'
import { getMetadata, type MetadataDeps, notConforming } from './server-metadata.ts'
import type { UnverifiedHostLimit } from './unverified-host-limit.ts'

export interface DiscoveryDeps extends MetadataDeps {
  /** Called with a message when a server leaves out something that the profile requires and sign-in does not need. */
  readonly warn?: ((message: string) => void) | undefined
  /** Without it, nothing is cached. */
  readonly caches?:
    | {
        readonly hostLimit: UnverifiedHostLimit
        readonly resources: Cache<ResourceMetadata>
        readonly servers: Cache<ServerMetadata>
      }
    | undefined
}

/**
 * Finds and checks the authorization server of a PDS. The result is cached for one minute in this process, and for five
 * minutes in the shared cache.
 *
 * @param pds origin of the PDS
 * @param authMethod how this client will authenticate there
 * @throws OAuthResolverError `server_unavailable`; `server_not_conforming`, whose message names the field
 */
export async function discoverServer(
  pds: string,
  authMethod: AuthMethod,
  deps: DiscoveryDeps,
  options: LookupOptions = {},
): Promise<AuthorizationServer> {
  const issuer = await discoverIssuer(pds, deps, options)
  return describeServer({ issuer, pds, authMethod }, deps, options)
}

/**
 * Returns the issuer that a PDS names, cached like `discoverServer`. A PDS without the document is refused: the
 * reference client would treat the PDS as its own authorization server, which the specification does not allow.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function discoverIssuer(
  pds: string,
  deps: DiscoveryDeps,
  options: LookupOptions = {},
): Promise<string> {
  const document = {
    name: 'oauth-protected-resource',
    schema: resourceSchema,
    problem: (resource: ResourceMetadata) => problemWithResource(resource, pds, deps),
    cache: deps.caches?.resources,
  }
  const { authorization_servers } = await getMetadata(pds, document, deps, options)
  return authorization_servers[0]
}

/**
 * Returns the endpoints of the authorization server at that issuer after checking its metadata; cached like
 * `discoverServer`.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function describeServer(
  expected: ExpectedServer,
  deps: DiscoveryDeps,
  options: LookupOptions = {},
): Promise<AuthorizationServer> {
  const { issuer } = expected
  const document = {
    name: 'oauth-authorization-server',
    schema: serverSchema,
    problem: (server: ServerMetadata) => problemWithServer(server, issuer, deps),
    cache: deps.caches?.servers,
  }
  const server = await getMetadata(issuer, document, deps, options)
  const problem = problemForClient(server, expected)
  if (problem) throw notConforming(issuer, problem)
  const missing = missingDeclarations(server)
  if (missing.length > 0)
    deps.warn?.(`${issuer} does not declare ${missing.join(', ')}, as the AT Protocol requires.`)
  const { revocation_endpoint: revocation } = server
  if (revocation === undefined)
    deps.warn?.(`${issuer} has no revocation_endpoint: a sign-out does not end the session at that server.`)
  return {
    issuer,
    authorizationEndpoint: withoutHash(server.authorization_endpoint),
    tokenEndpoint: withoutHash(server.token_endpoint),
    parEndpoint: withoutHash(server.pushed_authorization_request_endpoint),
    revocationEndpoint: revocation ? withoutHash(revocation) : undefined,
  }
}

function withoutHash(address: string): string {
  const url = new URL(address)
  url.hash = ''
  return url.href
}
