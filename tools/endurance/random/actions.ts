/** What people do, and how often; and what a browser must be at the end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isPassingFailure, judgeCall, judgePage, judgeStatus, mustWork } from './judge.ts'
import type { CookieContent } from './oracle.ts'
import { lose, SESSION_COOKIE, type Turn } from './run.ts'
import { openForeignCallback, repeatCallback, signIn } from './sign-in.ts'
import { signOutEverywhere, signOutOfAll, signOutOfOne } from './sign-out.ts'
import { takeCookie } from './take-cookie.ts'
import { type Reply, visit } from './visit.ts'

const actions = {
  'sign-in': { weight: 4, act: signIn },
  read: { weight: 30, act: (turn: Turn) => call(turn) },
  write: { weight: 10, act: (turn: Turn) => call(turn, { text: 'a note' }) },
  'parallel calls': { weight: 8, act: callInParallel },
  page: { weight: 12, act: openPage },
  status: { weight: 6, act: readStatus },
  'a tab that was left open': { weight: 6, act: useOldCookie },
  'switch of accounts': { weight: 8, act: switchAccount },
  'sign-out of one': { weight: 1.5, act: signOutOfOne },
  'sign-out of all': { weight: 0.4, act: signOutOfAll },
  'sign-out everywhere': { weight: 0.3, act: signOutEverywhere },
  'Back button': { weight: 4, act: repeatCallback },
  'foreign callback': { weight: 2, act: openForeignCallback },
  prefetch: { weight: 2, act: prefetch },
}

export type ActionName = keyof typeof actions

const weights = Object.fromEntries(
  Object.entries(actions).map(([name, { weight }]) => [name, weight]),
) as Readonly<Record<ActionName, number>>

/** The name of an action, each as often as people do it. */
export function chooseAction(dice: Turn['dice']): ActionName {
  return dice.weighted(weights)
}

export async function act(turn: Turn, name: ActionName): Promise<void> {
  await actions[name].act(turn)
}

async function call(turn: Turn, json?: object, cookie?: string): Promise<Reply> {
  const { run, browser } = turn
  const content = await run.oracle.open(cookie ?? browser.jar.get(SESSION_COOKIE))
  const path = json ? '/xrpc/com.example.write' : '/xrpc/com.example.read'
  const reply = await visit(turn, { path, ...(json && { json }), ...(cookie !== undefined && { cookie }) })
  judgeCall(turn, content, reply)
  run.counts.calls += 1
  return reply
}

async function callInParallel(turn: Turn): Promise<void> {
  await Promise.all(Array.from({ length: 2 + turn.dice.below(5) }, () => call(turn)))
}

async function openPage(turn: Turn): Promise<void> {
  judgePage(turn, await openOwn(turn), await visit(turn, { path: '/page' }))
}

async function readStatus(turn: Turn): Promise<void> {
  judgeStatus(turn, await openOwn(turn), await visit(turn, { path: '/oauth/session' }))
}

async function useOldCookie(turn: Turn): Promise<void> {
  const cookie = turn.dice.pick(turn.browser.pastCookies)
  if (cookie !== undefined) await call(turn, undefined, cookie)
}

async function prefetch(turn: Turn): Promise<void> {
  const path = turn.dice.pick(['/oauth/login', '/oauth/session']) ?? ''
  const reply = await visit(turn, { path, headers: { 'next-router-prefetch': '1', rsc: '1' } })
  if (reply.status !== 204 && reply.status !== 0) lose(turn, '204 for a prefetch', String(reply.status))
  if (reply.setCookies.length > 0) lose(turn, 'no cookie with a prefetch', 'one')
}

async function switchAccount(turn: Turn): Promise<void> {
  const content = await openOwn(turn)
  const target = turn.dice.pick(content?.sessions.slice(1) ?? [])
  const did = target && turn.run.oracle.didOf(target)
  if (content && did !== undefined) await switchTo(turn, content, did)
}

/** Whether the request had an answer. */
async function switchTo(turn: Turn, before: CookieContent, did: string): Promise<boolean> {
  const reply = await visit(turn, { path: '/oauth/switch', form: { did } })
  if (isPassingFailure(turn, before, reply)) return false
  const own = before.sessions.filter((session) => turn.run.oracle.didOf(session) === did)
  if (reply.status !== 303) {
    if (own.some((session) => mustWork(turn, session))) lose(turn, `a switch to ${did}`, String(reply.status))
    return true
  }
  const after = await takeCookie(turn, { before, reply })
  if (after?.did !== did) lose(turn, `a cookie of ${did}`, `one of ${after?.did}`)
  return true
}

/** How long a browser may have to wait for its last answers: a killed refresh is waited for. */
const LAST_CHECK_MS = 80_000

/** With all troubles over, every session that must work works, one account after the other. */
export async function checkAtLast(turn: Turn): Promise<void> {
  const { run } = turn
  const content = await openOwn(turn)
  await untilAnswered(turn, async () => (await call(turn)).status)
  for (const session of content?.sessions.slice(1) ?? []) {
    const did = run.oracle.didOf(session)
    if (did === undefined || !mustWork(turn, session)) continue
    await untilAnswered(turn, async () => {
      const before = await openOwn(turn)
      return before && !(await switchTo(turn, before, did)) ? 503 : 200
    })
    await untilAnswered(turn, async () => (await call(turn)).status)
  }
  await untilAnswered(turn, async () => {
    const reply = await visit(turn, { path: '/page' })
    judgePage(turn, await openOwn(turn), reply)
    return reply.status
  })
}

async function untilAnswered(turn: Turn, ask: () => Promise<number>): Promise<void> {
  const endsAt = performance.now() + LAST_CHECK_MS
  for (;;) {
    const status = await ask()
    if (status > 0 && status < 429) return
    if (performance.now() > endsAt) return lose(turn, 'an answer in the end', String(status))
    await sleep(1_000)
  }
}

function openOwn({ run, browser }: Turn): Promise<CookieContent | undefined> {
  return run.oracle.open(browser.jar.get(SESSION_COOKIE))
}
