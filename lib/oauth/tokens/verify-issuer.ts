/**
 * Whether an account is still served by the authorization server of its session, asked before its refresh token is sent
 * (atproto.com/specs/oauth, "Identity Authentication").
 */
import { AtprotoAuthError, type ErrorCode, TokenRefreshError } from '../../errors.ts'
import type { IdentityDeps } from '../../identity/resolve-account.ts'
import { resolveIssuer } from '../../identity/resolve-issuer.ts'
import type { SessionRow } from '../records/session-row.ts'

export interface VerifyIssuerDeps {
  readonly identity: IdentityDeps
  /** Epoch milliseconds. */
  readonly now: () => number
}

export interface IssuerVerification {
  /** Whether the account has moved to another authorization server. */
  readonly hasMoved: boolean
  /** Origin of the PDS. */
  readonly pds: string
  /** When the identity was last confirmed, in epoch milliseconds. */
  readonly verifiedAt: number
}

/** How long the last answer counts while no new one can be had. */
const TRUST_MS = 24 * 60 * 60_000

/**
 * The verification of a session's account. If the directory or PDS cannot be reached, the last verification
 * counts for 24 hours.
 *
 * @throws TokenRefreshError when there has been no answer for longer; the session is kept
 */
export async function verifyIssuer(
  { account, server }: SessionRow,
  deps: VerifyIssuerDeps,
): Promise<IssuerVerification> {
  const { did, verifiedAt } = account
  const now = deps.now()
  try {
    const { pds, issuer } = await resolveIssuer(did, account.pds, deps.identity)
    return { hasMoved: issuer !== server.issuer, pds, verifiedAt: now }
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    if (!couldNotAsk(cause))
      throw new TokenRefreshError(did, `The account's identity could not be verified: ${cause.message}`, {
        cause,
      })
    if (now - verifiedAt < TRUST_MS) return { hasMoved: false, pds: account.pds, verifiedAt }
    throw new TokenRefreshError(did, "The account's identity could not be verified for 24 hours.", { cause })
  }
}

/** What a server answered although no usable answer came of it: where its name leads, or that it sends too much. */
const answers: ReadonlySet<ErrorCode> = new Set(['blocked_address', 'response_too_large'])

/** Whether nothing was learnt because a server could not be asked. */
function couldNotAsk({ cause, code }: AtprotoAuthError): boolean {
  return code === 'server_unavailable' && !(cause instanceof AtprotoAuthError && answers.has(cause.code))
}
