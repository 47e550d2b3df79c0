/** Which sessions a new session cookie must and must not name. */
import { MAX_ACCOUNTS } from '../../../lib/web/session-cookie.ts'
import { mustWork } from './judge.ts'
import type { CookieContent } from './oracle.ts'
import { lose, type Turn } from './run.ts'
import type { CookieChange } from './take-cookie.ts'

export function judgeCookie(
  turn: Turn,
  content: CookieContent | undefined,
  { before, removed = [] }: CookieChange,
): void {
  const { browser, run } = turn
  const { oracle } = run
  const sessions = content?.sessions ?? []
  const dids = sessions.map((session) => oracle.didOf(session))
  const [first] = dids
  if (first !== undefined && first !== content?.did)
    lose(turn, `a cookie of ${first}`, `one of ${content?.did}`)
  for (const session of sessions) {
    if (session.browser !== browser.name)
      lose(turn, 'own sessions in the cookie', `one of ${session.browser}`)
    if (removed.includes(session)) lose(turn, 'a cookie without what was signed out', 'a cookie with it')
  }
  for (const session of before?.sessions ?? []) {
    if (sessions.includes(session) || removed.includes(session) || !mustWork(turn, session)) continue
    const isReplaced = dids.includes(oracle.didOf(session))
    if (!isReplaced && sessions.length < MAX_ACCOUNTS)
      lose(turn, `${oracle.didOf(session)} still in the cookie`, 'a cookie without it')
  }
}
