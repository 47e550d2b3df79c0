/**
 * Client metadata that an application wrote by hand, or took over from the official client. It is checked by the rules of
 * the AT Protocol profile, so that what authorization servers would refuse at the first sign-in is refused at the start
 * (atproto.com/specs/oauth, "Client ID Metadata Document").
 */
import { z } from 'zod'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import type { AddressPolicy } from '../../net/address-policy.ts'
import { parseDeclaredScope } from '../scope/lint.ts'
import { type ClientMetadata, prescribed } from './build.ts'
import { clientAuthenticationOf } from './client-authentication.ts'
import { parseClientId } from './client-id.ts'
import { completeLoopbackMetadata, isLoopbackClientId } from './loopback.ts'
import { checkRedirectUri } from './redirect-uri.ts'

/** A metadata document as applications write it; fields that the profile prescribes may be left out. */
export interface ClientMetadataInput {
  readonly client_id: string
  readonly client_name?: string | undefined
  readonly client_uri?: string | undefined
  readonly logo_uri?: string | undefined
  readonly tos_uri?: string | undefined
  readonly policy_uri?: string | undefined
  /** Default `web`; a loopback client is `native`. */
  readonly application_type?: string | undefined
  /** A loopback client has them in its client_id. */
  readonly redirect_uris?: readonly string[] | undefined
  /** Default `code`. */
  readonly response_types?: readonly string[] | undefined
  /** Default `authorization_code` and `refresh_token`. */
  readonly grant_types?: readonly string[] | undefined
  /** A loopback client has it in its client_id. */
  readonly scope?: string | undefined
  /** Default true, the only value that servers accept. */
  readonly dpop_bound_access_tokens?: boolean | undefined
  /** `none` or `private_key_jwt`; a loopback client may leave it out. */
  readonly token_endpoint_auth_method?: string | undefined
  /** Default `ES256` with `private_key_jwt`. */
  readonly token_endpoint_auth_signing_alg?: string | undefined
  readonly jwks_uri?: string | undefined
  /** The client's public keys, instead of `jwks_uri`; default those of the key set. */
  readonly jwks?: { readonly keys: readonly unknown[] } | undefined
  /** Accepted and ignored, as are those below: they have no meaning in AT Protocol OAuth. */
  readonly subject_type?: string | undefined
  readonly contacts?: readonly string[] | undefined
  readonly default_max_age?: number | undefined
  readonly require_auth_time?: boolean | undefined
  readonly authorization_details_types?: readonly string[] | undefined
  readonly authorization_signed_response_alg?: string | undefined
  readonly authorization_encrypted_response_alg?: string | undefined
  readonly authorization_encrypted_response_enc?: string | undefined
  readonly id_token_signed_response_alg?: string | undefined
  readonly request_object_signing_alg?: string | undefined
  readonly userinfo_signed_response_alg?: string | undefined
  readonly userinfo_encrypted_response_alg?: string | undefined
  readonly tls_client_certificate_bound_access_tokens?: boolean | undefined
}

export interface MetadataPolicy extends AddressPolicy {
  /** The client's keys; undefined for a public client; `unknown` where only the document is known. */
  readonly keyset: Keyset | 'unknown' | undefined
}

const text = z.string().min(1)
const httpsUrl = z.string().refine((uri) => URL.parse(uri)?.protocol === 'https:', 'must be an https URL')
const metadataSchema = z.object({
  client_id: text,
  client_name: text.exactOptional(),
  client_uri: httpsUrl.exactOptional(),
  logo_uri: httpsUrl.exactOptional(),
  tos_uri: httpsUrl.exactOptional(),
  policy_uri: httpsUrl.exactOptional(),
  application_type: z.enum(['web', 'native']).exactOptional(),
  redirect_uris: z.tuple([text], text).exactOptional(),
  response_types: z
    .array(text)
    .refine((types) => types.includes('code'), 'must contain "code"')
    .exactOptional(),
  grant_types: z
    .array(text)
    .refine(
      (types) => types.toSorted().join() === 'authorization_code,refresh_token',
      'must be "authorization_code" and "refresh_token", each once',
    )
    .exactOptional(),
  scope: text.exactOptional(),
  dpop_bound_access_tokens: z.literal(true).exactOptional(),
  token_endpoint_auth_method: text.exactOptional(),
  token_endpoint_auth_signing_alg: text.exactOptional(),
  jwks_uri: text.exactOptional(),
  jwks: z.object({ keys: z.array(z.unknown()) }).exactOptional(),
  client_secret: z
    .never('is a shared secret, which AT Protocol servers refuse: leave it out')
    .exactOptional(),
})

/** The document with each of its fields well formed. */
type ReadMetadata = z.infer<typeof metadataSchema>

/**
 * The complete metadata document, without unknown fields. One made by `buildClientMetadata` is returned as it is.
 *
 * @throws ConfigurationError that names the field, what was expected and what came
 */
export function parseClientMetadata(input: object, options: MetadataPolicy): ClientMetadata {
  const metadata = readFields(input)
  if (!isLoopbackClientId(metadata.client_id)) return completePublished(metadata, options)
  if (options.keyset && options.keyset !== 'unknown')
    throw new ConfigurationError('A loopback client has no keys: leave out the keyset.')
  return completeLoopbackMetadata(metadata)
}

function readFields(input: object): ReadMetadata {
  const present = Object.entries(input).filter(([, value]) => value !== undefined)
  const parsed = metadataSchema.safeParse(Object.fromEntries(present))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new ConfigurationError(`clientMetadata.${path} is not as required: ${issue?.message}.`)
}

function completePublished(metadata: ReadMetadata, options: MetadataPolicy): ClientMetadata {
  const clientId = parseClientId(metadata.client_id, options)
  const { client_id, application_type = 'web', redirect_uris, scope } = metadata
  if (!redirect_uris)
    throw new ConfigurationError('clientMetadata.redirect_uris is missing: name one at least.')
  for (const uri of redirect_uris) {
    checkRedirectUri(uri, { clientId, applicationType: application_type, policy: options })
  }
  if (scope === undefined) {
    throw new ConfigurationError(
      'clientMetadata.scope is missing: name every scope that is ever asked for, "atproto" among them.',
    )
  }
  return {
    client_id,
    ...textsOf(metadata, clientId),
    ...prescribed,
    application_type,
    redirect_uris,
    scope: parseDeclaredScope(scope).join(' '),
    ...clientAuthenticationOf({ ...metadata, application_type }, options),
  }
}

function textsOf({ client_name, client_uri, logo_uri, tos_uri, policy_uri }: ReadMetadata, clientId: URL) {
  if (client_uri !== undefined && !isParent(new URL(client_uri), clientId)) {
    throw new ConfigurationError(
      `clientMetadata.client_uri must be on the origin of the client_id, at or above its path: ${clientId.origin}.`,
    )
  }
  return {
    ...(client_name !== undefined && { client_name }),
    ...(client_uri !== undefined && { client_uri }),
    ...(logo_uri !== undefined && { logo_uri }),
    ...(tos_uri !== undefined && { tos_uri }),
    ...(policy_uri !== undefined && { policy_uri }),
  }
}

function isParent(uri: URL, clientId: URL): boolean {
  const folder = uri.pathname.endsWith('/') ? uri.pathname : `${uri.pathname}/`
  return uri.origin === clientId.origin && `${clientId.pathname}/`.startsWith(folder)
}
