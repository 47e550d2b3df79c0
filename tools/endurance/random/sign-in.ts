/** A person signs in, or declines, or comes back again with an old address. */
import { setTimeout as sleep } from 'node:timers/promises'
import { alice, bob, crowd, type Person } from '../../../tests/support/protocol/scripted-network.ts'
import { isExcused, isPassingFailure } from './judge.ts'
import { doubtAll } from './oracle.ts'
import { lose, SESSION_COOKIE, type Turn } from './run.ts'
import { takeCookie } from './take-cookie.ts'
import { navigation, type Reply, visit } from './visit.ts'

const people: readonly Person[] = [alice, bob, ...crowd]
const DECLINED = 0.08
const PREFETCHED = 0.1
/** How often a person presses Reload. */
const MAX_TRIES = 4
const fromServer = { ...navigation, 'sec-fetch-site': 'cross-site' }

/** Signs in with an account, which may be one that the browser has already. */
export async function signIn(turn: Turn): Promise<void> {
  const { run, dice } = turn
  const person = dice.pick(people) ?? alice
  const { as } = run.network.network.home
  const url = await begin(turn, person)
  if (url === undefined) return
  if (dice.share() < DECLINED) return decline(turn, as.decline(url))
  const callback = as.approve(url, person.did)
  const path = callback.pathname + callback.search
  if (dice.share() < PREFETCHED) await prefetch(turn, path)
  if (await comeBack(turn, path)) run.counts['sign-ins'] += 1
}

/** Where the person is sent; undefined when the sign-in did not begin. */
async function begin(turn: Turn, { handle }: Person): Promise<URL | undefined> {
  const { as } = turn.run.network.network.home
  const reply = await visit(turn, { path: '/oauth/login', form: { identifier: handle } })
  if (reply.status === 303 && reply.location.startsWith(as.origin)) return new URL(reply.location)
  if (isPassingFailure(turn, undefined, reply)) return undefined
  const isPassing = /^\/oauth\/login\?.*error=/.test(reply.location) && isExcused(turn, undefined, reply)
  if (!isPassing) lose(turn, 'a redirect to the authorization server', `${reply.status} ${reply.location}`)
  return undefined
}

async function decline(turn: Turn, url: URL): Promise<void> {
  const reply = await visit(turn, { path: url.pathname + url.search, headers: fromServer })
  if (isPassingFailure(turn, undefined, reply)) return
  if (reply.status !== 303 || !reply.location.includes('error=access_denied'))
    lose(turn, 'the sign-in page with access_denied', `${reply.status} ${reply.location}`)
  if (setsSession(reply)) lose(turn, 'no session cookie without consent', 'one')
}

async function prefetch(turn: Turn, path: string): Promise<void> {
  const reply = await visit(turn, { path, headers: { ...fromServer, 'sec-purpose': 'prefetch' } })
  if (reply.status !== 204 && reply.status !== 0) lose(turn, '204 for a prefetch', String(reply.status))
}

/** Opens a callback until it has an answer; whether that was a sign-in. */
export async function comeBack(turn: Turn, callback: string): Promise<boolean> {
  const { browser, run } = turn
  const code = new URLSearchParams(callback.split('?')[1]).get('code') ?? ''
  if (!browser.codes.has(code)) browser.codes.set(code, performance.now())
  browser.pastCallbacks.push(callback)
  const isInDoubt = () => {
    const grant = run.network.grantOfCode(code)
    return grant !== undefined && run.network.doubtOf(grant) !== undefined
  }
  let [path, wasLost] = [callback, false]
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await run.oracle.open(browser.jar.get(SESSION_COOKIE))
    const reply = await visit(turn, { path, headers: fromServer })
    if (reply.status === 0) {
      wasLost = true
      // The process may have signed the account in, and ended the session that it had.
      const did = run.network.grantOfCode(code)?.did
      doubtAll(
        (before?.sessions ?? []).filter(({ grant }) => grant?.did === did),
        'it may have been replaced',
      )
    }
    if (isPassingFailure(turn, before, reply)) {
      await sleep(1_000)
      continue
    }
    const content = await takeCookie(turn, { before, reply, code })
    if (reply.location.startsWith('/oauth/callback?')) path = reply.location
    else
      return judgeLanding(turn, reply, { isSignedIn: content !== undefined, mayFail: wasLost || isInDoubt() })
  }
  return false
}

interface Landing {
  readonly isSignedIn: boolean
  /** An answer to it was lost before. */
  readonly mayFail: boolean
}

function judgeLanding(turn: Turn, reply: Reply, { isSignedIn, mayFail }: Landing): boolean {
  if (reply.status === 303 && reply.location === '/' && isSignedIn) return true
  const isFailure = reply.status === 303 && reply.location.includes('error=')
  if (isFailure && setsSession(reply)) lose(turn, 'no session cookie with a failure', 'one')
  if (!isFailure || !(mayFail || isExcused(turn, undefined, reply)))
    lose(turn, 'a sign-in', `${reply.status} ${reply.location}`)
  return false
}

/** The Back button: a callback that has had its answer. */
export async function repeatCallback(turn: Turn): Promise<void> {
  const { browser, dice, run } = turn
  const path = dice.pick(browser.pastCallbacks)
  if (path === undefined) return
  const before = await run.oracle.open(browser.jar.get(SESSION_COOKIE))
  const reply = await visit(turn, { path, headers: fromServer })
  if (isPassingFailure(turn, before, reply)) return
  const code = new URLSearchParams(path.split('?')[1]).get('code') ?? ''
  await takeCookie(turn, { before, reply, code })
  if (reply.status !== 303) lose(turn, 'a redirect', String(reply.status))
}

/** A callback of another browser, as somebody would open it who has only its address. */
export async function openForeignCallback(turn: Turn): Promise<void> {
  const { browser, dice, run } = turn
  const path = dice.pick(dice.pick(run.browsers.filter((other) => other !== browser))?.pastCallbacks ?? [])
  if (path === undefined) return
  const reply = await visit(turn, { path, headers: fromServer })
  if (isPassingFailure(turn, undefined, reply)) return
  if (setsSession(reply) || !reply.location.includes('error='))
    lose(turn, 'a refusal of a foreign callback', `${reply.status} ${reply.location}`)
}

function setsSession({ setCookies }: Reply): boolean {
  return setCookies.some((line) => line.startsWith(`${SESSION_COOKIE}=`))
}
