/**
 * For scripts that hold nothing but a refresh token and the DPoP key it is bound to (RFC 9449): the steps that a
 * session takes by itself, one function each, without client, store or state. Applications use `OAuthClient`.
 *
 * A request that a server refuses because it wants another nonce is repeated once with that nonce. Requests leave
 * through the library's guarded fetch: https to public addresses only, and no redirect is followed.
 */
import {
  importSigningKey,
  type PrivateJwk,
  type PublicJwk,
  parsePrivateJwk,
  type SigningKey,
} from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { fetchWithDpop } from '../server/dpop.ts'
import { formBody } from '../server/server-request.ts'
import { discoverAt, guardedFetchOf, type ScriptOptions, stateWithNonce } from './script-network.ts'

export interface DpopPostFormOptions extends ScriptOptions {
  readonly url: string | URL
  /** The parameters, client authentication included; `refreshTokens` authenticates by itself. */
  readonly form: Readonly<Record<string, string>>
  readonly key: SigningKey
  /** The nonce of the server's last answer, if known: it saves a request. */
  readonly nonce?: string | undefined
}

export interface DpopFormAnswer {
  readonly status: number
  /** The body, unchecked; undefined when it is not JSON. */
  readonly json: unknown
  /** What to hand to the next request to this server. */
  readonly nonce: string | undefined
}

export interface DpopGetOptions extends ScriptOptions {
  /** On the account's PDS: the server at this URL receives the access token. */
  readonly url: string | URL
  /** Added to the query of the URL. */
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly key: SigningKey
  readonly accessToken: string
  readonly nonce?: string | undefined
}

export interface DpopGetAnswer {
  /** The response with any status, its body unread. */
  readonly response: Response
  readonly nonce: string | undefined
}

/**
 * The signing key in a private JWK, as object or JSON text.
 *
 * @throws ConfigurationError when it is not a private P-256 key; the message does not quote it
 */
export async function jwkToKey(jwk: unknown): Promise<SigningKey> {
  return importSigningKey(readPrivateJwk(jwk)).catch((cause: unknown) => {
    throw new ConfigurationError('The DPoP key is not a valid point of P-256.', { cause })
  })
}

/**
 * The public half of a private JWK: its `kty`, `crv`, `x` and `y`, whatever else it carried.
 *
 * @throws ConfigurationError when it is not a private P-256 key
 */
export function publicJwk(jwk: unknown): PublicJwk {
  const { kty, crv, x, y } = readPrivateJwk(jwk)
  return { kty, crv, x, y }
}

/**
 * The token endpoint of an authorization server.
 *
 * @param server origin of the authorization server, or of a PDS that names it
 * @throws OAuthResolverError `server_unavailable` or `server_not_conforming`; TypeError when it is no origin
 */
export async function discoverTokenEndpoint(server: string, options: ScriptOptions = {}): Promise<string> {
  return (await discoverAt(server, 'none', options)).tokenEndpoint
}

/**
 * Posts a form with a DPoP proof; the answer, with any status.
 *
 * @throws AtprotoAuthError `blocked_address`, `network_error`, `timeout` (30 s), `response_too_large`
 */
export async function dpopPostForm(options: DpopPostFormOptions): Promise<DpopFormAnswer> {
  const url = new URL(options.url)
  const servers = stateWithNonce(url.origin, options.nonce)
  const response = await fetchWithDpop(
    {
      url,
      method: 'POST',
      kind: 'token',
      headers: new Headers({ accept: 'application/json' }),
      body: { replayable: true, open: () => formBody(options.form) },
      signal: options.signal,
      key: options.key,
      clockOrigin: url.origin,
    },
    { fetch: guardedFetchOf(options), servers, now: Date.now },
  )
  return {
    status: response.status,
    json: parseJson(await response.text()),
    nonce: servers.nonce(url.origin),
  }
}

/**
 * Gets a resource of the PDS with a DPoP-bound access token; the answer, with any status: 401 when the token has
 * ended, 403 when its scope is not enough.
 *
 * @throws AtprotoAuthError `blocked_address`, `network_error`, `timeout` (60 s without a byte)
 */
export async function dpopGet(options: DpopGetOptions): Promise<DpopGetAnswer> {
  const url = new URL(options.url)
  for (const [name, value] of Object.entries(options.params ?? {})) url.searchParams.append(name, value)
  const servers = stateWithNonce(url.origin, options.nonce)
  const { key, accessToken, signal } = options
  const headers = new Headers()
  const response = await fetchWithDpop(
    { url, method: 'GET', kind: 'resource', headers, signal, key, clockOrigin: url.origin, accessToken },
    { fetch: guardedFetchOf(options), servers, now: Date.now },
  )
  return { response, nonce: servers.nonce(url.origin) }
}

function readPrivateJwk(jwk: unknown): PrivateJwk {
  try {
    return parsePrivateJwk(typeof jwk === 'string' ? JSON.parse(jwk) : jwk)
  } catch {
    // No cause: parsers quote what they read, which is, or was meant to be, a private key.
    throw new ConfigurationError('The DPoP key must be a private P-256 key as JWK: kty, crv, x, y and d.')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller still has the status.
    return undefined
  }
}
