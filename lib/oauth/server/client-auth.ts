/** How this client authenticates: not at all (loopback) or by `private_key_jwt` (RFC 7523 §2.2). */
import { randomToken } from '../../crypto/derive.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import type { ServerState } from './server-state.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Servers allow no clock difference into the future and 60 s into the past. */
const BACKDATED_S = 10
const LIFETIME_S = 60

export interface ClientAuthRequest {
  /** The audience of the assertion: the server's issuer, not its token URL. */
  readonly issuer: string
  /** Where the request goes. */
  readonly endpoint: string
  /** The key this sign-in began with; undefined for a public client. */
  readonly clientKeyId: string | undefined
}

/** What authentication needs of the client. */
export interface ClientAuthDeps {
  readonly metadata: { readonly client_id: string }
  readonly keyset: Keyset | undefined
  readonly servers: ServerState
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * The parameters that authenticate one request; the assertion is fresh at each call.
 *
 * @throws ConfigurationError when that key is not configured; the session is kept
 */
export async function clientAuthParams(
  { issuer, endpoint, clientKeyId }: ClientAuthRequest,
  deps: ClientAuthDeps,
): Promise<Readonly<Record<string, string>>> {
  const { client_id } = deps.metadata
  if (clientKeyId === undefined) return { client_id }
  const key = deps.keyset?.find(clientKeyId)
  if (!key) {
    const advice = 'Put it back into the client keys, behind the new one, until no session uses it.'
    throw new ConfigurationError(
      `The client key ${clientKeyId}, which a session needs, is not configured. ${advice}`,
    )
  }
  const offsetMs = deps.servers.clockOffsetMs(new URL(endpoint).origin)
  const now = Math.floor((deps.now() + offsetMs) / 1000)
  const claims = {
    iss: client_id,
    sub: client_id,
    aud: issuer,
    jti: randomToken(),
    iat: now - BACKDATED_S,
    exp: now + LIFETIME_S,
  }
  const { sign } = await key.importKey()
  const client_assertion = sign({ typ: 'JWT', kid: key.kid }, claims)
  return { client_id, client_assertion_type: ASSERTION_TYPE, client_assertion }
}
