/**
 * PDS → authorization server: the protected resource metadata (RFC 9728) names the issuer, the issuer's own
 * metadata (RFC 8414) names its endpoints; both are held to the AT Protocol profile
 * (atproto.com/specs/oauth, "Authorization Servers").
 */
import { z } from 'zod'
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { checkUrl } from '../net/address-policy.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import { readJson } from '../net/read-json.ts'

export interface DiscoveryDeps {
  readonly fetch: GuardedFetch
  /** Whether http and loopback addresses are allowed. */
  readonly allowLoopback: boolean
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
type ServerMetadata = z.infer<typeof serverSchema>

/**
 * The authorization server of a PDS, freshly fetched and checked.
 *
 * @param pds origin of the PDS
 * @param authMethod how this client will authenticate there
 * @throws OAuthResolverError `server_unavailable` or `server_not_conforming`, which names the field
 */
export async function discoverServer(
  pds: string,
  authMethod: 'none' | 'private_key_jwt',
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<AuthorizationServer> {
  const issuer = await discoverIssuer(pds, deps, signal)
  const metadata = await getMetadata(issuer, 'oauth-authorization-server', serverSchema, deps, signal)
  const complaint = complaintAbout(metadata, { issuer, pds, authMethod })
  if (complaint) throw notConforming(issuer, complaint)
  return {
    issuer,
    authorizationEndpoint: endpoint(metadata.authorization_endpoint, issuer, deps),
    tokenEndpoint: endpoint(metadata.token_endpoint, issuer, deps),
    parEndpoint: endpoint(metadata.pushed_authorization_request_endpoint, issuer, deps),
    revocationEndpoint: metadata.revocation_endpoint
      ? endpoint(metadata.revocation_endpoint, issuer, deps)
      : undefined,
  }
}

/**
 * The issuer that a PDS names, freshly fetched.
 *
 * @throws OAuthResolverError as `discoverServer`
 */
export async function discoverIssuer(
  pds: string,
  deps: DiscoveryDeps,
  signal?: AbortSignal,
): Promise<string> {
  const resource = await getMetadata(pds, 'oauth-protected-resource', resourceSchema, deps, signal)
  if (resource.resource !== pds) throw notConforming(pds, 'resource is not the address of the PDS')
  const [issuer = ''] = resource.authorization_servers
  if (URL.parse(issuer)?.origin !== issuer) throw notConforming(pds, 'the issuer is not a plain origin')
  endpoint(issuer, pds, deps)
  return issuer
}

async function getMetadata<T>(
  origin: string,
  name: string,
  schema: z.ZodType<T>,
  deps: DiscoveryDeps,
  signal: AbortSignal | undefined,
): Promise<T> {
  const url = `${origin}/.well-known/${name}`
  const headers = new Headers({ accept: 'application/json' })
  const response = await deps.fetch(url, { kind: 'discovery', headers, signal }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new OAuthResolverError('server_unavailable', `${origin} did not answer.`, { cause, endpoint: url })
  })
  if (response.status !== 200) {
    const code =
      response.status >= 500 || response.status === 429 ? 'server_unavailable' : 'server_not_conforming'
    const { status } = response
    throw new OAuthResolverError(code, `${url} was answered with status ${status}, expected 200.`, {
      status,
      endpoint: url,
    })
  }
  return readJson(response, schema, url).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : 'unreadable'
    throw new OAuthResolverError('server_not_conforming', detail, { cause, endpoint: url })
  })
}

/** A list that is absent says nothing; a list that is present has to hold what we need. */
function complaintAbout(
  metadata: ServerMetadata,
  expected: { issuer: string; pds: string; authMethod: 'none' | 'private_key_jwt' },
): string | undefined {
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
  if (lacks(metadata.protected_resources, expected.pds)) return 'protected_resources lacks the PDS'
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
