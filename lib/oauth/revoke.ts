/** Telling the authorization server that tokens are not used any more (RFC 7009). */
import { importSigningKey } from '../crypto/keyset.ts'
import type { ClientContext } from './context.ts'
import type { SessionRow } from './records.ts'
import { postToServer } from './server-request.ts'

/** How long a sign-out waits for the server. */
const PATIENCE_MS = 3_000

export type Revocable = Pick<
  SessionRow,
  'issuer' | 'revocationEndpoint' | 'dpopJwk' | 'clientKeyId' | 'accessToken' | 'refreshToken'
>

/**
 * Revokes a session's tokens, as well as that goes within 3 s. Says whether the server answered 2xx; never
 * throws, because whoever calls has already forgotten the tokens.
 */
export async function revokeTokens(session: Revocable, context: ClientContext): Promise<boolean> {
  const { issuer, revocationEndpoint, clientKeyId } = session
  if (revocationEndpoint === undefined) return false
  try {
    await postToServer(
      {
        issuer,
        endpoint: revocationEndpoint,
        dpopKey: await importSigningKey(session.dpopJwk),
        clientKeyId,
        // The refresh token if there is one: it ends the whole grant (RFC 7009 §2.1).
        params: { token: session.refreshToken ?? session.accessToken },
        signal: AbortSignal.timeout(PATIENCE_MS),
      },
      context,
    )
    return true
  } catch {
    // The local session is gone in any case; the tokens end by themselves.
    return false
  }
}
