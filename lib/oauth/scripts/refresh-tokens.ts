/** Refreshing tokens without a session (RFC 6749 §6), for scripts that keep the tokens themselves. */
import { importKeyset, type SigningKey } from '../../crypto/keyset.ts'
import type { AuthMethod } from '../../identity/check-server-metadata.ts'
import { postToServer } from '../server/server-request.ts'
import { parseRotatedTokens } from '../server/token-response.ts'
import { discoverAt, guardedFetchOf, type ScriptOptions, stateWithNonce } from './script-network.ts'

export interface RefreshTokensOptions extends ScriptOptions {
  /** Origin of the authorization server that issued the tokens, or of the account's PDS. */
  readonly issuer: string
  /** Saves the look-up of the issuer's metadata; `issuer` then has to be the authorization server. */
  readonly tokenEndpoint?: string | undefined
  readonly refreshToken: string
  /** The DPoP key that the tokens are bound to. */
  readonly key: SigningKey
  readonly clientId: string
  /** The private JWK that the sign-in authenticated with; for a confidential client only. */
  readonly clientKey?: unknown
  readonly nonce?: string | undefined
  /** Gives up the look-up of the server. The token request itself is never given up: its answer is the new pair. */
  readonly signal?: AbortSignal | undefined
}

export interface RefreshedTokens {
  readonly accessToken: string
  /** The one to keep from now on; that of the call when the server did not replace it. */
  readonly refreshToken: string
  /** Whether it was replaced. The old one is then used up. */
  readonly isRotated: boolean
  /** Whether the server called the tokens bound to the DPoP key. Do not use tokens that are not. */
  readonly isDpopBound: boolean
  /** The account, as the server says: compare it with the one you mean. */
  readonly sub: string | undefined
  readonly scope: string | undefined
  /** Epoch milliseconds; undefined when the server did not say. */
  readonly expiresAt: number | undefined
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly nonce: string | undefined
}

/**
 * A new pair of tokens. Store the new refresh token before anything else: the old one works once, and a second use of
 * it ends the session at the server. So never run two calls at once. After `network_error` or `timeout` the server may
 * have answered: try again once, and sign in again on `invalid_grant`.
 *
 * @throws OAuthResolverError when the server could not be found, nothing is used up then; OAuthResponseError,
 *   with `error` `invalid_grant` when the session is over; AtprotoAuthError `network_error`, `timeout`,
 *   `token_response_invalid`; ConfigurationError when `clientKey` is no key
 */
export async function refreshTokens(options: RefreshTokensOptions): Promise<RefreshedTokens> {
  const { refreshToken, key, clientId } = options
  // Everything that can fail comes before the request: after it, an answer with a new pair is never refused.
  const keyset = options.clientKey === undefined ? undefined : await importKeyset(options.clientKey)
  const { issuer, tokenEndpoint } = await serverOf(options, keyset ? 'private_key_jwt' : 'none')
  const { origin } = new URL(tokenEndpoint)
  const servers = stateWithNonce(origin, options.nonce)
  options.signal?.throwIfAborted()

  const response = await postToServer(
    {
      issuer,
      endpoint: tokenEndpoint,
      params: { grant_type: 'refresh_token', refresh_token: refreshToken },
      dpopKey: key,
      clientKeyId: keyset?.active.kid,
    },
    {
      metadata: { client_id: clientId },
      keyset,
      servers,
      now: Date.now,
      identity: { fetch: guardedFetchOf(options) },
    },
  )
  const { hasIdToken: _hasIdToken, ...tokens } = await parseRotatedTokens(response, issuer, Date.now())
  return {
    ...tokens,
    refreshToken: tokens.refreshToken ?? refreshToken,
    isRotated: tokens.refreshToken !== undefined && tokens.refreshToken !== refreshToken,
    issuer,
    tokenEndpoint,
    nonce: servers.nonce(origin),
  }
}

async function serverOf(
  options: RefreshTokensOptions,
  authMethod: AuthMethod,
): Promise<{ readonly issuer: string; readonly tokenEndpoint: string }> {
  const { issuer, tokenEndpoint } = options
  return tokenEndpoint === undefined ? discoverAt(issuer, authMethod, options) : { issuer, tokenEndpoint }
}
