/** What an answer makes of a browser's session cookie, compared with what it may make of it. */
import { judgeCookie } from './judge-cookie.ts'
import { type CookieContent, doubtAll, type KnownSession } from './oracle.ts'
import { lose, SESSION_COOKIE, type Turn } from './run.ts'
import type { Reply } from './visit.ts'

export interface CookieChange {
  /** What was sent. */
  readonly before: CookieContent | undefined
  /** What came with it. */
  readonly reply: Reply
  /** The code of the sign-in that was finished. */
  readonly code?: string | undefined
  /** The sessions that had to go. */
  readonly removed?: readonly KnownSession[]
}

/** The content of the new cookie; `before` when the answer set none. */
export async function takeCookie(turn: Turn, change: CookieChange): Promise<CookieContent | undefined> {
  const { before, reply } = change
  const { oracle } = turn.run
  const line = reply.setCookies.find((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`))
  if (line === undefined) return before
  const value = line.includes('Max-Age=0')
    ? undefined
    : line.slice(SESSION_COOKIE.length + 1).split(';', 1)[0]
  const content = await oracle.open(value)
  if (value !== undefined && !content) lose(turn, 'a session cookie', 'one that cannot be opened')
  const known = content && {
    ...content,
    sessions: content.sessions.map((session, index) =>
      nameSession(turn, session, { ...change, isFirst: index === 0 }),
    ),
  }
  judgeCookie(turn, known, change)
  const gone = (before?.sessions ?? []).filter((session) => !known?.sessions.includes(session))
  doubtAll(gone, 'it is not in the cookie any more')
  return known
}

/** The session as the oracle knows it from here on. */
function nameSession(
  turn: Turn,
  session: KnownSession,
  { code, isFirst }: CookieChange & { readonly isFirst: boolean },
): KnownSession {
  const { run, browser } = turn
  const { oracle, network } = run
  const known = oracle.find(session.id)
  if (known) return known
  const open = [...browser.codes.keys()].filter((each) => {
    const grant = network.grantOfCode(each)
    return grant && !oracle.sessions.some((other) => other.grant === grant)
  })
  const own = isFirst && code !== undefined && open.includes(code) ? code : undefined
  const found = own ?? (open.length === 1 ? open[0] : undefined)
  if (open.length === 0)
    lose(turn, 'only sessions that this browser was given', 'an unknown one in its cookie')
  const grant = found === undefined ? undefined : network.grantOfCode(found)
  const begunAt = found === undefined ? undefined : browser.codes.get(found)
  const wasEnded = grant && begunAt !== undefined && oracle.wasSignedOutSince(grant.did, begunAt)
  return oracle.add({
    id: session.id,
    browser: browser.name,
    grant,
    doubt: wasEnded ? 'its account was signed out everywhere meanwhile' : undefined,
  })
}
