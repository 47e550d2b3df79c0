/** Sends a refresh token, once, and tells its outcomes apart. */
import { importSigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError, ConfigurationError, TokenRefreshError } from '../../errors.ts'
import type { StoredSession } from '../records/records-contract.ts'
import { hasOtherTokens } from '../records/session-row.ts'
import {
  postToServer,
  ServerRefusal,
  type ServerRequestDeps,
  warnOfNoNonce,
} from '../server/server-request.ts'
import { parseRotatedTokens, type TokenSet } from '../server/token-response.ts'
import { isEndedInOwnWords, refusalsAfter, showEnd } from './ended-in-own-words.ts'
import { clearMarker, isUnspent, type RefreshMarkerDeps, sendUntil } from './refresh-marker.ts'

export type RedeemDeps = ServerRequestDeps &
  RefreshMarkerDeps & {
    readonly warn: (message: string) => void
  }

/** What a refresh token led to. */
export type RefreshResult =
  | { readonly kind: 'refreshed'; readonly tokens: TokenSet }
  /** The server does not accept the refresh token (`invalid_grant`, or the same in its own words). */
  | { readonly kind: 'refused' }
  /** The request failed, but another process has written newer tokens. */
  | { readonly kind: 'superseded'; readonly session: StoredSession }

/** Whether a refresh failed only because the server wanted to be left alone for a time: its token is unspent. */
export function wasTurnedAway({ cause, retryAfterMs }: TokenRefreshError): boolean {
  const isRefusal = cause instanceof ServerRefusal && (cause.status === 429 || cause.status === 503)
  return isRefusal && retryAfterMs !== undefined
}

/** A session as its refresh began. */
export interface RefreshedSession {
  /** With the marker of this refresh. */
  readonly marked: StoredSession
  /** As the caller saw it. */
  readonly seen: StoredSession
}

/**
 * What the refresh token led to.
 *
 * @throws TokenRefreshError when the server did not refresh the tokens; ConfigurationError when the client key is missing
 */
export async function redeemRefreshToken(
  refreshToken: string,
  { marked, seen }: RefreshedSession,
  deps: RedeemDeps,
): Promise<RefreshResult> {
  try {
    return await redeem(refreshToken, marked, deps)
  } catch (error) {
    // If this process was suspended past its marker's deadline, another process may have refreshed already.
    const latest = await deps.sessions.read(seen.id).catch(() => undefined)
    const isNewer = latest?.row.lifecycle.status.kind === 'active' && hasOtherTokens(latest.row, seen.row)
    if (isNewer) return { kind: 'superseded', session: latest }
    throw error
  }
}

async function redeem(refreshToken: string, marked: StoredSession, deps: RedeemDeps): Promise<RefreshResult> {
  const { account, server, key, lifecycle } = marked.row
  const { issuer, tokenEndpoint } = server
  const begunAt = deps.now()
  try {
    const response = await postToServer(
      {
        issuer,
        endpoint: tokenEndpoint,
        dpopKey: await importSigningKey(key.dpopJwk),
        clientKeyId: key.clientKeyId,
        params: { grant_type: 'refresh_token', refresh_token: refreshToken },
        repeatUntil: sendUntil(lifecycle),
      },
      deps,
    )
    warnOfNoNonce(response, issuer, deps)
    return { kind: 'refreshed', tokens: await parseRotatedTokens(response, issuer, deps.now()) }
  } catch (cause) {
    if (cause instanceof ServerRefusal) {
      if (isInvalidGrant(cause)) return { kind: 'refused' }
      if (await isOver(cause, marked, deps)) return { kind: 'refused' }
    } else if (isUnspent(cause)) await clearMarker(marked, deps)
    if (cause instanceof ConfigurationError || !(cause instanceof AtprotoAuthError)) throw cause
    const message = `${issuer} did not refresh the tokens: ${cause.message}`
    const pausedUntil = deps.servers.pausedUntil(issuer)
    const retryAfterMs = pausedUntil > begunAt ? Math.max(1, pausedUntil - deps.now()) : undefined
    throw new TokenRefreshError(account.did, message, { cause, issuer, retryAfterMs })
  }
}

/**
 * RFC 6749 §5.2 wants it with status 400; some servers use 401 for all errors. With another status, the name may come
 * from a server that is down or from something before it.
 */
function isInvalidGrant({ error, status }: ServerRefusal): boolean {
  return error === 'invalid_grant' && (status === 400 || status === 401)
}

/**
 * Whether a refusal shows that the session has ended. If not, the marker is removed, and the refusal counted or the count
 * begun again: one write for both.
 */
async function isOver(refusal: ServerRefusal, marked: StoredSession, deps: RedeemDeps): Promise<boolean> {
  const { row } = marked
  const refreshRefusals = refusalsAfter(refusal, row, deps)
  if (isEndedInOwnWords(refusal) && refreshRefusals && showEnd(refreshRefusals, row, deps)) return true
  const counted = { ...row, lifecycle: { ...row.lifecycle, refreshRefusals } }
  if (isUnspent(refusal)) await clearMarker({ ...marked, row: counted }, deps)
  return false
}
