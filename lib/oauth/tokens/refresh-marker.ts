/**
 * The note that a refresh token is being sent, written into the row beforehand. A process that dies between the
 * request and the writing of its answer leaves it behind, and whoever comes next knows that the token may be spent.
 */
import { randomToken } from '../../crypto/derive.ts'
import { AtprotoAuthError, ConfigurationError, OAuthResponseError, TokenRefreshError } from '../../errors.ts'
import type { ClientContext } from '../context.ts'
import { readActive } from '../records/active-session.ts'
import type { StoredSession } from '../records/records.ts'

/** As long as a token request may take, and a little for what comes before and after. */
const DEADLINE_MS = 35_000
const POLL_MS = 250
/** How long an intent is looked for that was written without an answer. */
const TAKE_BACK_MS = 10_000
/** Answers of a gateway that says nothing of the server behind it. */
const unknowing: ReadonlySet<number | undefined> = new Set([502, 504])

/**
 * The session with a fresh intent; undefined when its row has changed meanwhile. This write is the fence: from here
 * on, nobody who holds an older row sends its token.
 */
export async function writeIntent(
  session: StoredSession,
  context: ClientContext,
): Promise<StoredSession | undefined> {
  const intent = { until: context.now() + DEADLINE_MS, by: randomToken() }
  try {
    return await context.sessions.update(session, { ...session.row, intent })
  } catch (error) {
    context.waitUntil(takeBack(session, intent.by, context))
    throw error
  }
}

/**
 * A store that gave no answer may have done the write all the same, or do it yet. Nothing was sent after it, and
 * nobody has to wait until it runs out.
 */
async function takeBack(
  { id, generation }: StoredSession,
  by: string,
  context: ClientContext,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < TAKE_BACK_MS; waitedMs += POLL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const latest = await context.sessions.read(id).catch(() => undefined)
    if (latest?.row.intent?.by === by) return clearIntent(latest, context)
    if (latest && latest.generation > generation) return
  }
}

/** Takes the intent back, as well as that goes: left behind, it only costs time. */
export async function clearIntent(session: StoredSession, context: ClientContext): Promise<void> {
  const { intent: _, ...row } = session.row
  await context.sessions.update(session, row).catch(() => undefined)
}

/** Whether a failed request has certainly not spent its refresh token: it was never sent, or the server refused it. */
export function isUnspent(error: unknown): boolean {
  if (error instanceof OAuthResponseError) return !unknowing.has(error.status)
  return error instanceof ConfigurationError || (error instanceof AtprotoAuthError && error.sent === false)
}

/**
 * The session once an intent that somebody else left has run out, or is gone: whoever wrote it may still be waiting
 * for the answer, and sending the same token again would end the session.
 *
 * @throws TokenRevokedError when the session ends meanwhile; TokenRefreshError when the intent does not run out
 */
export async function outwaitIntent(session: StoredSession, context: ClientContext): Promise<StoredSession> {
  let current = session
  for (
    let waitedMs = 0;
    current.row.intent && current.row.intent.until > context.now();
    waitedMs += POLL_MS
  ) {
    if (waitedMs > DEADLINE_MS) {
      throw new TokenRefreshError(session.row.did, 'An earlier renewal has been under way for too long.')
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    current = await readActive(session, context.sessions)
  }
  return current
}
