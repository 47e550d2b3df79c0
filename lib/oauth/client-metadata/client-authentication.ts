/** How a client with a metadata document declares that it authenticates, checked against the keys it has. */
import { z } from 'zod'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { type AddressPolicy, checkUrl } from '../../net/address-policy.ts'

/** What the document declares. */
export interface DeclaredAuthentication {
  readonly application_type: 'web' | 'native'
  readonly token_endpoint_auth_method?: string
  readonly token_endpoint_auth_signing_alg?: string
  readonly jwks_uri?: string
  readonly jwks?: { readonly keys: readonly unknown[] }
}

/** The keys that sign, and the addresses where published ones are allowed. */
export interface AvailableKeys extends AddressPolicy {
  readonly keyset: Keyset | 'unknown' | undefined
}

const WHY_ES256 = 'every AT Protocol server accepts ES256, and other algorithms may be refused'
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** Fails on private members, because what is declared here is public. */
const publishedSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  kid: z.string().min(1).max(256),
  d: z.never().optional(),
})

/**
 * The members of the document that say how the client authenticates. `jwks` becomes that of the key set when
 * the document names neither `jwks` nor `jwks_uri`.
 *
 * @throws ConfigurationError
 */
export function clientAuthenticationOf(declared: DeclaredAuthentication, keys: AvailableKeys) {
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: algorithm } = declared
  if (method === 'none') {
    if (keys.keyset && keys.keyset !== 'unknown')
      throw expected('token_endpoint_auth_method', '"private_key_jwt", as there are keys')
    const surplus = (['token_endpoint_auth_signing_alg', 'jwks', 'jwks_uri'] as const).find(
      (name) => declared[name] !== undefined,
    )
    if (surplus) throw expected(surplus, 'absent, as the client has no keys')
    return { token_endpoint_auth_method: method } as const
  }
  if (method !== 'private_key_jwt') {
    throw expected(
      'token_endpoint_auth_method',
      '"private_key_jwt", or "none" for a client without keys; written out, because servers assume another',
    )
  }
  if (!keys.keyset) throw new ConfigurationError('A confidential client needs keys: give a keyset.')
  if (algorithm !== undefined && algorithm !== 'ES256')
    throw expected('token_endpoint_auth_signing_alg', `"ES256": ${WHY_ES256}`)
  if (declared.application_type === 'native')
    throw expected('application_type', '"web": servers accept native clients as public clients only')
  return {
    token_endpoint_auth_method: method,
    token_endpoint_auth_signing_alg: 'ES256',
    ...publishedKeysOf(declared, keys),
  } as const
}

function publishedKeysOf({ jwks, jwks_uri }: DeclaredAuthentication, { keyset, ...policy }: AvailableKeys) {
  if (jwks && jwks_uri !== undefined)
    throw expected('jwks', 'absent beside jwks_uri: servers want one of them')
  if (jwks_uri !== undefined) {
    checkJwksUri(jwks_uri, policy)
    return { jwks_uri }
  }
  const known = typeof keyset === 'object' ? keyset.publicJwks : undefined
  if (jwks) return { jwks: parseJwks(jwks.keys, known?.keys ?? []) }
  if (known) return { jwks: known }
  throw expected('jwks_uri', 'there, or else jwks: servers want one of them')
}

function checkJwksUri(uri: string, policy: AddressPolicy): void {
  try {
    checkUrl(uri, policy)
  } catch (cause) {
    throw new ConfigurationError(`clientMetadata.jwks_uri must be a public https URL; it is ${uri}.`, {
      cause,
    })
  }
}

type Jwks = Keyset['publicJwks']

/** @param signing the keys that must be among them */
function parseJwks(declared: readonly unknown[], signing: Jwks['keys']): Jwks {
  const parsed = z.array(publishedSchema).safeParse(declared)
  // The message does not quote what was found: it may be a private key.
  if (!parsed.success) throw expected('jwks', 'public P-256 keys, each with a kid and without "d"')
  const keys = parsed.data.map(
    ({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }) as const,
  )
  const missing = signing.find(
    ({ kid, x, y }) => !keys.some((key) => key.kid === kid && key.x === x && key.y === y),
  )
  if (!missing) return { keys }
  throw expected('jwks', `complete: the key ${missing.kid} of the keyset is not in it, or is another one`)
}

function expected(field: string, what: string): ConfigurationError {
  return new ConfigurationError(`clientMetadata.${field} must be ${what}.`)
}
