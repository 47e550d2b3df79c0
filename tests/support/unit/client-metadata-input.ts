/** Client metadata as an application writes it, and what becomes of it with keys or without. */
import { createKeyset, generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { type ClientMetadataInput, parseClientMetadata } from '../../../lib/oauth/client-metadata/parse.ts'

export const keyset = createKeyset([{ ...(await generatePrivateJwk()), kid: 'key1' }])

/** The confidential client of the official client's documentation. */
export const confidential: ClientMetadataInput = {
  client_id: 'https://my-app.com/client-metadata.json',
  client_name: 'My App',
  client_uri: 'https://my-app.com',
  logo_uri: 'https://my-app.com/logo.png',
  tos_uri: 'https://my-app.com/tos',
  policy_uri: 'https://my-app.com/policy',
  redirect_uris: ['https://my-app.com/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'atproto transition:generic',
  response_types: ['code'],
  application_type: 'web',
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  dpop_bound_access_tokens: true,
  jwks_uri: 'https://my-app.com/jwks.json',
}

/** The native client there. */
export const native: ClientMetadataInput = {
  client_id: 'https://my-app.com/client-metadata.json',
  redirect_uris: ['https://my-app.com/atproto-oauth-callback'],
  scope: 'atproto',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
}

export function parseConfidential(change: Readonly<Record<string, unknown>> = {}) {
  return parseClientMetadata({ ...confidential, ...change }, { keyset, allowLoopback: false })
}

export function parsePublic(metadata: object, allowLoopback = false) {
  return parseClientMetadata(metadata, { keyset: undefined, allowLoopback })
}
