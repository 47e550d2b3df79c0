/**
 * PDS → authorization server: the protected resource metadata (RFC 9728) names the issuer, the issuer's own
 * metadata (RFC 8414) names its endpoints; both are held to the AT Protocol profile
 * (atproto.com/specs/oauth, "Authorization Servers").
 */
import { z } from 'zod'
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { checkUrl } from '../net/address-policy.ts'
import type { BudgetDeps, HostBudget } from './budget.ts'
import type { Cache, RecallOptions } from './cache.ts'
import { getMetadata } from './metadata.ts'

export interface DiscoveryDeps extends BudgetDeps, RecallOptions {
  /** Whether http and loopback addresses are allowed. */
  readonly allowLoopback: boolean
  /** Left out: nothing is remembered. */
  readonly memory?:
    | {
        readonly hosts: HostBudget
        readonly issuers: Cache<string>
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

const resourceSchema = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()).length(1),
})
const strings = z.array(z.string())
const serverSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  pushed_authorization_request_endpoint: z.string(),
  revocation_endpoint: z.string().optional(),
  client_id_metadata_document_supported: z.literal(true),
  authorization_response_iss_parameter_supported: z.literal(true),
  code_challenge_methods_supported: strings.optional(),
  dpop_signing_alg_values_supported: strings.optional(),
  token_endpoint_auth_methods_supported: strings.optional(),
  token_endpoint_auth_signing_alg_values_supported: strings.optional(),
  protected_resources: strings.optional(),
})
/** An authorization server's own word, not yet compared with anything. */
export type ServerMetadata = z.infer<typeof serverSchema>

/** How this client authenticates at the token endpoint. */
export type AuthMethod = 'none' | 'private_key_jwt'

/**
 * The authorization server of a PDS, checked; remembered for a minute.
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
 * The issuer that a PDS names; remembered for a minute. A PDS without the document is refused: the reference
 * client takes it for its own authorization server, which the specification does not allow.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function discoverIssuer(
  pds: string,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<string> {
  if (!deps.memory) return fetchIssuer(pds, deps, signal)
  const key = JSON.stringify([pds, deps.allowLoopback])
  return deps.memory.issuers.recall(key, () => fetchIssuer(pds, deps), { ...deps, signal })
}

async function fetchIssuer(pds: string, deps: DiscoveryDeps, signal?: AbortSignal): Promise<string> {
  const document = { name: 'oauth-protected-resource', schema: resourceSchema }
  const resource = await getMetadata(pds, document, deps, signal)
  if (resource.resource !== pds) throw notConforming(pds, 'resource is not the address of the PDS')
  const [issuer = ''] = resource.authorization_servers
  if (URL.parse(issuer)?.origin !== issuer) throw notConforming(pds, 'the issuer is not a plain origin')
  endpoint(issuer, pds, deps)
  deps.memory?.hosts.trust(new URL(pds).hostname)
  return issuer
}

/** What a server's metadata is compared with. */
export interface Expected {
  readonly issuer: string
  /** Undefined when the sign-in began with the server and not with an account. */
  readonly pds: string | undefined
  readonly authMethod: AuthMethod
}

/**
 * The authorization server at that issuer, checked; its metadata is remembered for a minute.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function describeServer(
  expected: Expected,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<AuthorizationServer> {
  const { issuer } = expected
  const metadata = await getServerMetadata(issuer, deps, signal)
  const complaint = complaintAbout(metadata, expected)
  if (complaint) throw notConforming(issuer, complaint)
  deps.memory?.hosts.trust(new URL(issuer).hostname)
  const { revocation_endpoint: revocation } = metadata
  return {
    issuer,
    authorizationEndpoint: endpoint(metadata.authorization_endpoint, issuer, deps),
    tokenEndpoint: endpoint(metadata.token_endpoint, issuer, deps),
    parEndpoint: endpoint(metadata.pushed_authorization_request_endpoint, issuer, deps),
    revocationEndpoint: revocation ? endpoint(revocation, issuer, deps) : undefined,
  }
}

async function getServerMetadata(
  issuer: string,
  deps: DiscoveryDeps,
  signal: AbortSignal | undefined,
): Promise<ServerMetadata> {
  const document = { name: 'oauth-authorization-server', schema: serverSchema }
  if (!deps.memory) return getMetadata(issuer, document, deps, signal)
  const load = () => getMetadata(issuer, document, deps)
  return deps.memory.servers.recall(JSON.stringify([issuer, deps.allowLoopback]), load, { ...deps, signal })
}

/** A list that is absent says nothing; a list that is present has to hold what we need. */
function complaintAbout(metadata: ServerMetadata, expected: Expected): string | undefined {
  const lacks = (list: readonly string[] | undefined, value: string) =>
    list !== undefined && !list.includes(value)
  if (metadata.issuer !== expected.issuer) return 'issuer is not the address it was fetched from'
  if (lacks(metadata.code_challenge_methods_supported, 'S256'))
    return 'code_challenge_methods_supported lacks S256'
  if (lacks(metadata.dpop_signing_alg_values_supported, 'ES256'))
    return 'dpop_signing_alg_values_supported lacks ES256'
  if (lacks(metadata.token_endpoint_auth_methods_supported, expected.authMethod)) {
    return `token_endpoint_auth_methods_supported lacks ${expected.authMethod}`
  }
  const algorithms = metadata.token_endpoint_auth_signing_alg_values_supported
  if (algorithms?.includes('none')) return 'token_endpoint_auth_signing_alg_values_supported holds none'
  if (expected.authMethod === 'private_key_jwt' && lacks(algorithms, 'ES256')) {
    return 'token_endpoint_auth_signing_alg_values_supported lacks ES256'
  }
  if (expected.pds !== undefined && lacks(metadata.protected_resources, expected.pds))
    return 'protected_resources lacks the PDS'
  return undefined
}

/** An endpoint may be on another origin than the issuer, but has to pass the address policy. */
function endpoint(text: string, source: string, deps: DiscoveryDeps): string {
  try {
    const url = checkUrl(text, deps)
    url.hash = ''
    return url.href
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    throw notConforming(source, `an address is not allowed: ${cause.message}`)
  }
}

function notConforming(endpoint: string, complaint: string): OAuthResolverError {
  return new OAuthResolverError('server_not_conforming', `${endpoint}: ${complaint}.`, { endpoint })
}
