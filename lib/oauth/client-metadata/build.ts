/**
 * The client's metadata document (draft-ietf-oauth-client-id-metadata-document; atproto.com/specs/oauth,
 * "Client ID Metadata Document"): a confidential client's for a public name, the loopback client's of development for a
 * loopback address. The public URL alone decides.
 */
import type { PublishedJwk } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { isLoopbackHost } from '../../net/address-policy.ts'
import { parseDeclaredScope } from '../scope/lint.ts'

/** The document as it is served, with the names of the wire. */
export interface ClientMetadata {
  readonly client_id: string
  readonly client_name?: string
  readonly client_uri?: string
  readonly logo_uri?: string
  readonly tos_uri?: string
  readonly policy_uri?: string
  readonly application_type: 'web' | 'native'
  readonly redirect_uris: readonly [string, ...string[]]
  readonly response_types: readonly ['code']
  readonly grant_types: readonly ['authorization_code', 'refresh_token']
  readonly scope: string
  readonly dpop_bound_access_tokens: true
  readonly token_endpoint_auth_method: 'none' | 'private_key_jwt'
  readonly token_endpoint_auth_signing_alg?: 'ES256'
  /** A confidential client has exactly one of these two. */
  readonly jwks_uri?: string
  readonly jwks?: { readonly keys: readonly PublishedJwk[] }
}

export interface ClientDescription {
  /** Origin under which browsers and authorization servers reach the application. */
  readonly publicUrl: string
  /** Every scope that the application will ever request, space-separated; must include `atproto`. */
  readonly scope: string
  readonly metadataPath: string
  readonly jwksPath: string
  readonly callbackPath: string
  readonly clientName?: string | undefined
  readonly logoUri?: string | undefined
  readonly tosUri?: string | undefined
  readonly policyUri?: string | undefined
}

/** What the profile prescribes for every client. */
export const prescribed = {
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  dpop_bound_access_tokens: true,
} as const

/** Whether the public URL is this machine: the client is then the public loopback client. */
export function isLoopbackUrl(publicUrl: string): boolean {
  const url = URL.parse(publicUrl)
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname)
}

/**
 * The metadata document of a client.
 *
 * @throws ConfigurationError when the scope cannot be requested (see `parseDeclaredScope`) or the host of a loopback URL
 *   is `localhost`
 */
export function buildClientMetadata(description: ClientDescription): ClientMetadata {
  const { publicUrl } = description
  const scopes = parseDeclaredScope(description.scope)
  const common = {
    redirect_uris: [publicUrl + description.callbackPath],
    scope: scopes.join(' '),
    ...prescribed,
  } as const
  return isLoopbackUrl(publicUrl)
    ? { ...common, ...loopbackPart(description, common.scope) }
    : { ...common, ...confidentialPart(description) }
}

function confidentialPart({ publicUrl, metadataPath, jwksPath, ...texts }: ClientDescription) {
  for (const name of ['logoUri', 'tosUri', 'policyUri'] as const) {
    const uri = texts[name]
    if (uri !== undefined && URL.parse(uri)?.protocol !== 'https:') {
      throw new ConfigurationError(
        `${name} must be an https URL, or authorization servers refuse the client.`,
      )
    }
  }
  return {
    client_id: publicUrl + metadataPath,
    client_uri: publicUrl,
    ...(texts.clientName !== undefined && { client_name: texts.clientName }),
    ...(texts.logoUri !== undefined && { logo_uri: texts.logoUri }),
    ...(texts.tosUri !== undefined && { tos_uri: texts.tosUri }),
    ...(texts.policyUri !== undefined && { policy_uri: texts.policyUri }),
    application_type: 'web',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: publicUrl + jwksPath,
  } as const
}

/** The virtual document of `http://localhost?…`: authorization servers derive it from the client id itself. */
function loopbackPart({ publicUrl, callbackPath }: ClientDescription, scope: string) {
  // RFC 8252 §7.3: the name `localhost` may resolve elsewhere, so redirect URIs are loopback literals.
  if (new URL(publicUrl).hostname === 'localhost') {
    throw new ConfigurationError(
      `PUBLIC_URL is ${publicUrl}; loopback sign-in needs http://127.0.0.1 instead.`,
    )
  }
  const query = new URLSearchParams({ redirect_uri: publicUrl + callbackPath, scope })
  return {
    client_id: `http://localhost?${query}`,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
  } as const
}
