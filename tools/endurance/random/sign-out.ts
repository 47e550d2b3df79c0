/** A person signs out: of one account, of all of this browser, or of one in all browsers. */
import { isPassingFailure, mustWork } from './judge.ts'
import { type CookieContent, doubtAll, endAll, type KnownSession } from './oracle.ts'
import { lose, SESSION_COOKIE, type Turn } from './run.ts'
import { takeCookie } from './take-cookie.ts'
import { visit } from './visit.ts'

/** After it, a sign-out that failed changes nothing any more. */
const LATE_MS = 15_000

export async function signOutOfOne(turn: Turn): Promise<void> {
  const content = await openOwn(turn)
  const session = turn.dice.pick(content?.sessions ?? [])
  const did = session && turn.run.oracle.didOf(session)
  if (content && did !== undefined)
    await post(turn, { content, form: { did }, targets: targetsOf(turn, content, did) })
}

export async function signOutOfAll(turn: Turn): Promise<void> {
  const content = await openOwn(turn)
  if (content) await post(turn, { content, form: { all: '1' }, targets: content.sessions })
}

/** Of the active account, in all browsers; the others notice at their next request. */
export async function signOutEverywhere(turn: Turn): Promise<void> {
  const content = await openOwn(turn)
  const [own] = content?.sessions ?? []
  if (!content || !own) return
  const { oracle } = turn.run
  const { did } = content
  const others = oracle.sessions.filter(
    (session) =>
      session.browser !== turn.browser.name && oracle.didOf(session) === did && session.endedAt === undefined,
  )
  // Of a session that does not work, this browser alone is signed out.
  const isCertain = mustWork(turn, own) && !oracle.wasSignedOutSince(did, performance.now())
  doubtAll(others, 'its account was signed out everywhere')
  const signOut = oracle.beginEverywhere(did)
  const endedAt = await post(turn, {
    content,
    form: { everywhere: '1' },
    targets: targetsOf(turn, content, did),
  })
  // What a failed one does may come late.
  signOut.to = endedAt ?? performance.now() + LATE_MS
  if (endedAt === undefined) return
  if (isCertain && own.grant && turn.run.network.doubtOf(own.grant) === undefined) endAll(others, endedAt)
}

interface SignOut {
  readonly content: CookieContent
  readonly form: Readonly<Record<string, string>>
  /** What it ends in this browser. */
  readonly targets: readonly KnownSession[]
}

/** When it was done; undefined when it failed. */
async function post(turn: Turn, { content, form, targets }: SignOut): Promise<number | undefined> {
  const mustStay = content.sessions.filter((session) => !targets.includes(session) && mustWork(turn, session))
  doubtAll(targets, 'it was signed out')
  const reply = await visit(turn, { path: '/oauth/logout', form })
  if (isPassingFailure(turn, content, reply)) return undefined
  if (reply.status !== 303) {
    lose(turn, 'a sign-out', String(reply.status))
    return undefined
  }
  endAll(targets, reply.to)
  const after = await takeCookie(turn, { before: content, reply, removed: targets })
  if (mustStay.length === 0 && after?.sessions.some((session) => targets.includes(session)))
    lose(turn, 'no cookie of what was signed out', 'one')
  return reply.to
}

function targetsOf({ run: { oracle } }: Turn, { did: active, sessions }: CookieContent, did: string) {
  return sessions.filter((session, index) => (index === 0 ? active : oracle.didOf(session)) === did)
}

function openOwn({ run, browser }: Turn): Promise<CookieContent | undefined> {
  return run.oracle.open(browser.jar.get(SESSION_COOKIE))
}
