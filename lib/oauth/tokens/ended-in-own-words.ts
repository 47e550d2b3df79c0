/**
 * Servers that end a session in other words than `invalid_grant`, which RFC 6749 §5.2 demands. Such an answer alone proves
 * nothing, because some of them word an outage in the same way: it has to come again for hours.
 */

import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import type { RefreshRefusals, SessionRow } from '../records/session-row.ts'
import type { RefusalBody } from '../server/refusal-words.ts'
import type { ServerRefusal } from '../server/server-request.ts'
import type { ServerState } from '../server/server-state.ts'

/** What a server says of a refresh token that it does not know any more. All members have to be equal. */
const endings: readonly RefusalBody[] = [
  // cocoon: the token is unknown.
  { error: '"client_id" mismatch' },
  // cocoon: the session is too old.
  { error: 'Session expired' },
  // pegasus
  { error: 'InvalidRequest', message: 'invalid refresh token' },
]
/** How often the words have to come, and over how long. */
const TIMES = 3
const PERIOD_MS = 60 * 60_000
/** With clocks further apart than this, the words may mean the proof. */
const MAX_CLOCK_DIFFERENCE_MS = 5_000
/** How long an access token may live whose server did not say. */
const LONGEST_LIFE_MS = 24 * 60 * 60_000

/** Whether a failed refresh was refused in such words. */
export function isEndedInOwnWords(refusal: ServerRefusal): boolean {
  const body = refusal.bodyAsItCame()
  if (refusal.status !== 400 || body === undefined) return false
  if (body.error_description !== undefined || body.other !== undefined) return false
  return endings.some(({ error, message }) => error === body.error && message === body.message)
}

/** What the clocks of this process and of the server show. */
export interface Clocks {
  readonly servers: ServerState
  readonly now: () => number
}

/**
 * The count after one more refusal. Other words about the request begin it again; a server that is busy or down, an answer
 * that is no JSON, and the words under a clock that may be their reason say nothing of the token.
 */
export function refusalsAfter(
  refusal: ServerRefusal,
  { tokens, server, lifecycle }: SessionRow,
  clocks: Clocks,
): RefreshRefusals | undefined {
  const { rotation } = tokens
  const known = lifecycle.refreshRefusals?.rotation === rotation ? lifecycle.refreshRefusals : undefined
  if (isEndedInOwnWords(refusal)) {
    if (!isClockRight(server, clocks)) return known
    return known ? { ...known, times: known.times + 1 } : { rotation, since: clocks.now(), times: 1 }
  }
  const { status = 0 } = refusal
  const saysNothing = status === 429 || status >= 500 || refusal.bodyAsItCame() === undefined
  return saysNothing ? known : undefined
}

/** Whether the refusals of a session, of which the last has just come, show that it has ended at its server. */
export function showEnd(
  { since, times }: RefreshRefusals,
  { tokens, server }: SessionRow,
  clocks: Clocks,
): boolean {
  const { expiresAt = tokens.issuedAt + LONGEST_LIFE_MS } = tokens
  const now = clocks.now()
  return times >= TIMES && now - since >= PERIOD_MS && expiresAt <= now && isClockRight(server, clocks)
}

function isClockRight({ tokenEndpoint }: AuthorizationServer, { servers }: Clocks): boolean {
  const difference = servers.clockDifferenceMs(new URL(tokenEndpoint).origin)
  return difference !== undefined && Math.abs(difference) < MAX_CLOCK_DIFFERENCE_MS
}
