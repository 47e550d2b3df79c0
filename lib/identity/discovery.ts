/**
 * PDS → authorization server: the protected resource metadata (RFC 9728) names the issuer, the issuer's own
 * metadata (RFC 8414) names its endpoints; both are held to the AT Protocol profile
 * (atproto.com/specs/oauth, "Authorization Servers").
 */
import { z } from 'zod'
import type { Cache } from './cache.ts'
import { complaintAboutAddresses, getMetadata, type MetadataDeps, notConforming } from './server-metadata.ts'
import type { HostBudget } from './unverified-host-limit.ts'

export interface DiscoveryDeps extends MetadataDeps {
  /** Told what a server leaves out that nothing hangs on. */
  readonly warn?: ((message: string) => void) | undefined
  /** Left out: nothing is remembered. */
  readonly memory?:
    | {
        readonly hosts: HostBudget
        readonly resources: Cache<ResourceMetadata>
        readonly servers: Cache<ServerMetadata>
      }
    | undefined
}

/** An authorization server, as this client needs to know it. */
export interface AuthorizationServer {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly parEndpoint: string
  readonly revocationEndpoint: string | undefined
}

/** Longer ones are nobody's: what strangers answer is kept a while, and is not to fill our memory. */
const origin = z.string().max(300)
const address = z.string().max(2_048)
const MAX_RESOURCES = 1_000

/** A list, as far as anything here asks about it. */
function listOf(...asked: readonly string[]) {
  return z.array(z.string()).transform((list) => asked.filter((value) => list.includes(value)))
}

const resourceSchema = z.object({ resource: origin, authorization_servers: z.tuple([origin]) })
/** A PDS's own word. */
export type ResourceMetadata = z.infer<typeof resourceSchema>

/** What the profile demands and servers in use leave out: worth a warning, nothing more. */
const advisory = {
  scopes_supported: listOf('atproto').optional().catch(undefined),
  response_types_supported: listOf('code').optional().catch(undefined),
  grant_types_supported: listOf('authorization_code', 'refresh_token').optional().catch(undefined),
  require_pushed_authorization_requests: z.boolean().optional().catch(undefined),
}

const serverSchema = z.object({
  issuer: origin,
  authorization_endpoint: address,
  token_endpoint: address,
  pushed_authorization_request_endpoint: address,
  revocation_endpoint: address.optional(),
  client_id_metadata_document_supported: z.literal(true),
  authorization_response_iss_parameter_supported: z.literal(true),
  code_challenge_methods_supported: listOf('S256').optional(),
  dpop_signing_alg_values_supported: listOf('ES256').optional(),
  token_endpoint_auth_methods_supported: listOf('none', 'private_key_jwt').optional(),
  token_endpoint_auth_signing_alg_values_supported: listOf('ES256', 'none').optional(),
  ...advisory,
  // A longer list is passed over like an absent one: no server has to name all (RFC 9728 §4).
  protected_resources: z
    .array(z.string())
    .transform((list) =>
      list.length > MAX_RESOURCES ? undefined : list.filter((text) => text.length <= 300),
    )
    .optional(),
})
/** An authorization server's own word. */
export type ServerMetadata = z.infer<typeof serverSchema>

/** How this client authenticates at the token endpoint. */
export type AuthMethod = 'none' | 'private_key_jwt'

/**
 * The authorization server of a PDS, checked; remembered for a minute, and for five by all processes together.
 *
 * @param pds origin of the PDS
 * @param authMethod how this client will authenticate there
 * @throws OAuthResolverError `server_unavailable` or `server_not_conforming`, which names the field
 */
export async function discoverServer(
  pds: string,
  authMethod: AuthMethod,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<AuthorizationServer> {
  const issuer = await discoverIssuer(pds, deps, signal)
  return describeServer({ issuer, pds, authMethod }, deps, signal)
}

/**
 * The issuer that a PDS names; remembered as `discoverServer` does. A PDS without the document is refused: the
 * reference client takes it for its own authorization server, which the specification does not allow.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function discoverIssuer(
  pds: string,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<string> {
  const document = {
    name: 'oauth-protected-resource',
    schema: resourceSchema,
    complaint: (resource: ResourceMetadata) => complaintAboutResource(resource, pds, deps),
    cache: deps.memory?.resources,
  }
  const { authorization_servers } = await getMetadata(pds, document, deps, signal)
  return authorization_servers[0]
}

function complaintAboutResource(
  { resource, authorization_servers: [issuer] }: ResourceMetadata,
  pds: string,
  deps: DiscoveryDeps,
): string | undefined {
  if (resource !== pds) return 'resource is not the address of the PDS'
  if (URL.parse(issuer)?.origin !== issuer) return 'the issuer is not a plain origin'
  return complaintAboutAddresses([issuer], deps)
}

/** What a server's metadata is compared with. */
export interface Expected {
  readonly issuer: string
  /** Undefined when the sign-in began with the server and not with an account. */
  readonly pds: string | undefined
  readonly authMethod: AuthMethod
}

/**
 * The authorization server at that issuer, checked; remembered as `discoverServer` does.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function describeServer(
  expected: Expected,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<AuthorizationServer> {
  const { issuer } = expected
  const document = {
    name: 'oauth-authorization-server',
    schema: serverSchema,
    complaint: (server: ServerMetadata) => complaintAboutServer(server, issuer, deps),
    cache: deps.memory?.servers,
  }
  const server = await getMetadata(issuer, document, deps, signal)
  const complaint = unfitness(server, expected)
  if (complaint) throw notConforming(issuer, complaint)
  const omitted = omissions(server)
  if (omitted.length > 0)
    deps.warn?.(`${issuer} does not declare ${omitted.join(', ')}, as AT Protocol demands.`)
  const { revocation_endpoint: revocation } = server
  return {
    issuer,
    authorizationEndpoint: withoutHash(server.authorization_endpoint),
    tokenEndpoint: withoutHash(server.token_endpoint),
    parEndpoint: withoutHash(server.pushed_authorization_request_endpoint),
    revocationEndpoint: revocation ? withoutHash(revocation) : undefined,
  }
}

/** A list that is absent says nothing; a list that is present has to hold what we need. */
function lacks(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && !list.includes(value)
}

/** What is wrong with a server for every client; an endpoint may be on another origin than the issuer. */
function complaintAboutServer(
  server: ServerMetadata,
  issuer: string,
  deps: DiscoveryDeps,
): string | undefined {
  if (server.issuer !== issuer) return 'issuer is not the address it was fetched from'
  if (lacks(server.code_challenge_methods_supported, 'S256'))
    return 'code_challenge_methods_supported lacks S256'
  if (lacks(server.dpop_signing_alg_values_supported, 'ES256'))
    return 'dpop_signing_alg_values_supported lacks ES256'
  if (server.token_endpoint_auth_signing_alg_values_supported?.includes('none'))
    return 'token_endpoint_auth_signing_alg_values_supported holds none'
  const endpoints = [
    server.authorization_endpoint,
    server.token_endpoint,
    server.pushed_authorization_request_endpoint,
    ...(server.revocation_endpoint ? [server.revocation_endpoint] : []),
  ]
  return complaintAboutAddresses(endpoints, deps)
}

/** What is wrong with it for this client and this PDS. */
function unfitness(server: ServerMetadata, { authMethod, pds }: Expected): string | undefined {
  if (lacks(server.token_endpoint_auth_methods_supported, authMethod))
    return `token_endpoint_auth_methods_supported lacks ${authMethod}`
  const algorithms = server.token_endpoint_auth_signing_alg_values_supported
  if (authMethod === 'private_key_jwt' && lacks(algorithms, 'ES256'))
    return 'token_endpoint_auth_signing_alg_values_supported lacks ES256'
  if (pds !== undefined && lacks(server.protected_resources, pds)) return 'protected_resources lacks the PDS'
  return undefined
}

function omissions(server: ServerMetadata): readonly string[] {
  const isDeclared = {
    'scopes_supported with atproto': server.scopes_supported?.length === 1,
    'response_types_supported with code': server.response_types_supported?.length === 1,
    'grant_types_supported with authorization_code and refresh_token':
      server.grant_types_supported?.length === 2,
    'require_pushed_authorization_requests as true': server.require_pushed_authorization_requests === true,
  }
  return Object.entries(isDeclared).flatMap(([name, isThere]) => (isThere ? [] : [name]))
}

function withoutHash(address: string): string {
  const url = new URL(address)
  url.hash = ''
  return url.href
}
