/** Where an account lives now, asked before its refresh token leaves (atproto.com/specs/oauth, "Identity Authentication"). */
import { AtprotoAuthError, TokenRefreshError } from '../../errors.ts'
import { findHome } from '../../identity/resolve-issuer.ts'
import type { ClientContext } from '../context.ts'
import type { SessionRow } from '../records/records.ts'

export interface Home {
  /** Whether the account has moved to another authorization server. */
  readonly moved: boolean
  /** Origin of the PDS. */
  readonly pds: string
  /** Epoch milliseconds at which this was last really seen. */
  readonly verifiedAt: number
}

/** How long the last answer counts while nobody gives a new one. */
const TRUST_MS = 24 * 60 * 60_000

/**
 * The home of a session's account. A directory or PDS that gives no answer is not another answer: what was
 * seen last holds for a day.
 *
 * @throws TokenRefreshError when there has been no answer for longer than that; the session is kept
 */
export async function verifyHome(row: SessionRow, context: ClientContext): Promise<Home> {
  const now = context.now()
  try {
    const { pds, issuer } = await findHome(row.did, row.pds, context.identity)
    return { moved: issuer !== row.issuer, pds, verifiedAt: now }
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    if (!isSilence(cause))
      throw new TokenRefreshError(row.did, `The account could not be verified: ${cause.message}`, { cause })
    if (now - row.verifiedAt < TRUST_MS) return { moved: false, pds: row.pds, verifiedAt: row.verifiedAt }
    throw new TokenRefreshError(row.did, 'The account could not be looked up for a day.', { cause })
  }
}

/** Whether nothing was learnt: somebody was down. A did:web host that is down looks like a missing identity. */
function isSilence(error: AtprotoAuthError): boolean {
  const { cause, code } = error
  if (cause instanceof AtprotoAuthError) return cause.code === 'network_error' || cause.code === 'timeout'
  return code === 'server_unavailable'
}
