/**
 * The AT Protocol profile of server metadata (atproto.com/specs/oauth, "Authorization Servers"): which fields of the
 * protected resource metadata (RFC 9728) and of the authorization server metadata (RFC 8414) are read, and what makes
 * them unusable.
 */
import { z } from 'zod'
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, checkUrl, isPrivateHost } from '../net/address-policy.ts'

/** Longer values are never valid. Metadata is cached, and no server may fill our memory with it. */
const origin = z.string().max(300)
const address = z.string().max(2_048)
const MAX_RESOURCES = 1_000

/** Keeps only the given values of a list. */
function listOf(...asked: readonly string[]) {
  return z.array(z.string()).transform((list) => asked.filter((value) => list.includes(value)))
}

/** @internal */
export const resourceSchema = z.object({ resource: origin, authorization_servers: z.tuple([origin]) })
/** The protected resource metadata of a PDS (RFC 9728). */
export interface ResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly [string]
}

/** A field that may be missing, also as `null`: some libraries write that in place of nothing. */
function optional<T>(schema: z.ZodType<T>) {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** Fields that the profile requires but servers in use leave out. A missing one causes only a warning. */
const advisory = {
  scopes_supported: listOf('atproto').optional().catch(undefined),
  response_types_supported: listOf('code').optional().catch(undefined),
  grant_types_supported: listOf('authorization_code', 'refresh_token').optional().catch(undefined),
  require_pushed_authorization_requests: z.boolean().optional().catch(undefined),
}

/** @internal */
export const serverSchema = z.object({
  issuer: origin,
  authorization_endpoint: address,
  token_endpoint: address,
  pushed_authorization_request_endpoint: address,
  revocation_endpoint: optional(address),
  client_id_metadata_document_supported: z.literal(true),
  authorization_response_iss_parameter_supported: z.literal(true),
  code_challenge_methods_supported: optional(listOf('S256')),
  dpop_signing_alg_values_supported: optional(listOf('ES256')),
  token_endpoint_auth_methods_supported: optional(listOf('none', 'private_key_jwt')),
  token_endpoint_auth_signing_alg_values_supported: optional(listOf('ES256', 'none')),
  ...advisory,
  // A longer list is treated like a missing one: a server does not have to list all resources (RFC 9728 §4).
  protected_resources: optional(
    z
      .array(z.string())
      .transform((list) =>
        list.length > MAX_RESOURCES ? undefined : list.filter((text) => text.length <= 300),
      ),
  ),
})
/** The metadata of an authorization server (RFC 8414). */
export interface ServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly pushed_authorization_request_endpoint: string
  readonly revocation_endpoint?: string | undefined
  readonly client_id_metadata_document_supported: true
  readonly authorization_response_iss_parameter_supported: true
  readonly code_challenge_methods_supported?: readonly string[] | undefined
  readonly dpop_signing_alg_values_supported?: readonly string[] | undefined
  readonly token_endpoint_auth_methods_supported?: readonly string[] | undefined
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[] | undefined
  readonly scopes_supported?: readonly string[] | undefined
  readonly response_types_supported?: readonly string[] | undefined
  readonly grant_types_supported?: readonly string[] | undefined
  readonly require_pushed_authorization_requests?: boolean | undefined
  readonly protected_resources?: readonly string[] | undefined
}

/** How this client authenticates at the token endpoint. */
export type AuthMethod = 'none' | 'private_key_jwt'

/** What a server's metadata is compared with. */
export interface ExpectedServer {
  readonly issuer: string
  /** Undefined when the sign-in began with a server instead of an account. */
  readonly pds: string | undefined
  readonly authMethod: AuthMethod
}

/** Says why the metadata of a PDS is unusable; undefined when it is usable. */
export function problemWithResource(
  { resource, authorization_servers: [issuer] }: ResourceMetadata,
  pds: string,
  policy: AddressPolicy,
): string | undefined {
  if (resource !== pds) return 'resource is not the address of the PDS'
  if (URL.parse(issuer)?.origin !== issuer) return 'the issuer is not a plain origin'
  return problemWithAddresses([issuer], policy)
}

/**
 * Says why a server is unusable for every client; undefined when it is usable. An endpoint may have another origin than
 * the issuer.
 */
export function problemWithServer(
  server: ServerMetadata,
  issuer: string,
  policy: AddressPolicy,
): string | undefined {
  if (server.issuer !== issuer) return 'issuer is not the address it was fetched from'
  if (lacks(server.code_challenge_methods_supported, 'S256'))
    return 'code_challenge_methods_supported lacks S256'
  if (lacks(server.dpop_signing_alg_values_supported, 'ES256'))
    return 'dpop_signing_alg_values_supported lacks ES256'
  if (server.token_endpoint_auth_signing_alg_values_supported?.includes('none'))
    return 'token_endpoint_auth_signing_alg_values_supported contains none'
  const endpoints = [
    server.authorization_endpoint,
    server.token_endpoint,
    server.pushed_authorization_request_endpoint,
    ...(server.revocation_endpoint ? [server.revocation_endpoint] : []),
  ]
  return problemWithAddresses(endpoints, policy) ?? problemWithPrivateHosts(endpoints, issuer, policy)
}

/** A server at a public address must not send our requests to a host of our network that the operator has named. */
function problemWithPrivateHosts(
  endpoints: readonly string[],
  issuer: string,
  policy: AddressPolicy,
): string | undefined {
  const isPrivate = (address: string) => isPrivateHost(new URL(address).hostname, policy)
  if (isPrivate(issuer)) return undefined
  return endpoints.some(isPrivate)
    ? 'an endpoint is at a host in privateHosts, but the issuer is not'
    : undefined
}

/** Says why a server is unusable for this client and this PDS; undefined when it is usable. */
export function problemForClient(
  server: ServerMetadata,
  { authMethod, pds }: ExpectedServer,
): string | undefined {
  if (lacks(server.token_endpoint_auth_methods_supported, authMethod))
    return `token_endpoint_auth_methods_supported lacks ${authMethod}`
  const algorithms = server.token_endpoint_auth_signing_alg_values_supported
  if (authMethod === 'private_key_jwt' && lacks(algorithms, 'ES256'))
    return 'token_endpoint_auth_signing_alg_values_supported lacks ES256'
  if (pds !== undefined && lacks(server.protected_resources, pds)) return 'protected_resources lacks the PDS'
  return undefined
}

/** The declarations that the profile requires and the server leaves out. */
export function missingDeclarations(server: ServerMetadata): readonly string[] {
  const isDeclared = {
    'scopes_supported with atproto': server.scopes_supported?.length === 1,
    'response_types_supported with code': server.response_types_supported?.length === 1,
    'grant_types_supported with authorization_code and refresh_token':
      server.grant_types_supported?.length === 2,
    'require_pushed_authorization_requests as true': server.require_pushed_authorization_requests === true,
  }
  return Object.entries(isDeclared).flatMap(([name, isThere]) => (isThere ? [] : [name]))
}

/** A missing list says nothing; a list that is present must contain the value. */
function lacks(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && !list.includes(value)
}

/** Describes the first address to which no request may go; undefined when all are allowed. */
function problemWithAddresses(addresses: readonly string[], policy: AddressPolicy): string | undefined {
  for (const address of addresses) {
    try {
      checkUrl(address, policy)
    } catch (error) {
      if (!(error instanceof AtprotoAuthError)) throw error
      return `an address is not allowed: ${error.message}`
    }
  }
  return undefined
}
