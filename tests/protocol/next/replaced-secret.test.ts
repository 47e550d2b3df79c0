/** The secret was replaced in one step: the log says so once, by a row of the store, never by a cookie alone. */
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../lib/crypto/hash.ts'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { otherSecretAt } from '../../../lib/oauth/records/secret-row.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { createBrowser } from '../../support/browser.ts'
import { SECRET } from '../../support/protocol/next-app.ts'
import {
  browserWith,
  createPublishedApp,
  PUBLISHED,
  PUBLISHED_COOKIE,
} from '../../support/protocol/published-app.ts'
import { alice, bob, crowd } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const NEWER = 'Qw8!nR3@vB6#mK1$zX9%cL4^tJ7&hG2*'
const KEY = `secret:${sha256(PUBLISHED)}`
const { message, fix } = otherSecretAt(PUBLISHED)
const LINE = `[next-atproto-auth] ${message} ${fix}`
const [carol = bob, dave = bob] = crowd

/** A store that notes its calls, and whose row about the secret can be made to fail. */
function createNotedStore() {
  const calls: string[] = []
  const state = { isDown: false, isSilent: false }
  const store: Store = new Proxy(createMemoryStore(), {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        calls.push(`${String(name)} ${args[0]}`)
        if (state.isDown && args[0] === KEY) throw new StoreUnavailableError('The store is down.')
        if (state.isSilent && args[0] === KEY) await new Promise(() => undefined)
        return Reflect.apply(method, target, args)
      }
    },
  })
  const ofRow = () => calls.filter((call) => call.endsWith(KEY)).map((call) => call.split(' ', 1)[0])
  return { store, calls, ofRow, state }
}

/** An application whose user alice signed in with the first secret, and a browser that has not come back since. */
async function createUsedApp(row: 'written' | 'missing' = 'written') {
  const { start } = await createPublishedApp()
  const noted = createNotedStore()
  const lines = recordLog()
  const { store } = noted
  const browser = createBrowser()
  noted.state.isDown = row === 'missing'
  await start({ store, secret: SECRET }).signIn(browser, alice)
  noted.state.isDown = false
  noted.calls.length = 0
  const begin = (secret: string | readonly [string, ...string[]]) => start({ store, secret })
  return { ...noted, lines, browser, begin, cookie: browser.jar.get(PUBLISHED_COOKIE) }
}

const told = (lines: readonly unknown[]) => lines.filter((line) => line === LINE)
const others = (lines: readonly unknown[]) =>
  lines.filter((line) => !`${line}`.includes('localNetwork is on'))

/** A cookie of the form that anyone can make up. */
const junkCookie = (n: number) =>
  sealSessionCookie({ did: alice.did, sessionIds: [`${n}`] }, ['m'.repeat(20) + SECRET], 60)

describe('a secret that was replaced in one step', () => {
  it('gives one line, however many users come back, and nothing of theirs in it', async () => {
    const { begin, lines, cookie } = await createUsedApp()
    const process = begin(NEWER)
    for (let n = 0; n < 3; n += 1) expect(await process.visit(browserWith(cookie))).toBeUndefined()
    expect(others(lines)).toEqual([LINE])
    for (const word of [alice.did, cookie, SECRET, NEWER, sha256(PUBLISHED)]) expect(LINE).not.toContain(word)
  })

  it('gives the line at a sign-in, before the row is written with the new secret', async () => {
    const { begin, lines, cookie, ofRow } = await createUsedApp()
    await begin(NEWER).signIn(createBrowser(), bob)
    expect(told(lines)).toHaveLength(1)
    expect(ofRow()).toEqual(['get', 'set'])
    expect(await begin(NEWER).visit(browserWith(cookie))).toBeUndefined()
    expect(told(lines)).toHaveLength(1)
  })

  it('gives no second line in a process that has said it', async () => {
    const { begin, lines, cookie } = await createUsedApp()
    const process = begin(NEWER)
    await process.visit(browserWith(cookie))
    await process.signIn(createBrowser(), bob)
    await process.visit(browserWith(cookie))
    expect(told(lines)).toHaveLength(1)
  })

  it('gives none where no sign-in has left the row yet', async () => {
    const { begin, lines, cookie } = await createUsedApp('missing')
    await begin(NEWER).visit(browserWith(cookie))
    expect(told(lines)).toEqual([])
  })

  it('is told of this application alone: another one on the same store has a row of its own', async () => {
    const { store, lines, cookie } = await createUsedApp()
    const { start } = await createPublishedApp()
    const preview = start({ store, secret: NEWER, publicUrl: 'https://preview.demo.internal' })
    await preview.visit(browserWith(cookie))
    expect(lines.filter((line) => `${line}`.includes('another ATPROTO_SECRET'))).toEqual([])
  })
})

describe('a secret that is rotated as the documentation says', () => {
  it('gives no line at any step', async () => {
    const { begin, lines, browser, cookie } = await createUsedApp()
    const steps = [[SECRET, NEWER], [NEWER, SECRET], [NEWER]] as const
    const people = [bob, carol, dave]
    for (const [step, secrets] of steps.entries()) {
      const process = begin(secrets)
      await process.visit(browserWith(cookie))
      await process.visit(await junkBrowser())
      await process.signIn(createBrowser(), people[step] ?? bob)
    }
    expect(told(lines)).toEqual([])
    expect(await begin([NEWER, SECRET]).visit(browser)).toBe(alice.did)
  })
})

const junkBrowser = async () => browserWith(await junkCookie(0))

describe('a flood of cookies that do not open', () => {
  it('has the store read once, and no line written, while the secret is right', async () => {
    const { begin, lines, ofRow, calls } = await createUsedApp()
    const process = begin(SECRET)
    const flood = Array.from({ length: 50 }, async (_, n) => process.visit(browserWith(await junkCookie(n))))
    await Promise.all(flood)
    expect(ofRow()).toEqual(['get'])
    expect(calls).toHaveLength(1)
    expect(others(lines)).toEqual([])
  })

  it('has nothing read if they have not the form of one', async () => {
    const { begin, calls } = await createUsedApp()
    const process = begin(NEWER)
    for (const cookie of ['junk', `${await junkCookie(0)}x`, 'Fe26.2*1'])
      await process.visit(browserWith(cookie))
    expect(calls).toEqual([])
  })
})

describe('while the store is down', () => {
  it('cookies that do not open get the answer that they always get, without a line', async () => {
    const { begin, lines, state, cookie, ofRow } = await createUsedApp()
    state.isDown = true
    expect(await begin(NEWER).visit(browserWith(cookie))).toBeUndefined()
    expect(ofRow()).toEqual(['get'])
    expect(others(lines)).toEqual([])
  })

  it('neither a page nor a sign-in waits for it, and the host is kept for two seconds at most', async () => {
    const { begin, lines, state, cookie, ofRow } = await createUsedApp()
    state.isSilent = true
    const [process, browser] = [begin(SECRET), createBrowser()]
    expect(await process.visit(browserWith(cookie))).toBe(alice.did)
    await Promise.all([process.visit(await junkBrowser()), process.signIn(browser, bob)])
    expect(await process.visit(browser)).toBe(bob.did)
    expect(ofRow()).toEqual(['get', 'get'])
    expect(others(lines)).toEqual([])
  })

  it('a sign-in whose row about the secret cannot be read or written is complete, without a line', async () => {
    const { begin, lines, state } = await createUsedApp()
    state.isDown = true
    const [process, browser] = [begin(SECRET), createBrowser()]
    await process.signIn(browser, bob)
    expect(await process.visit(browser)).toBe(bob.did)
    expect(others(lines)).toEqual([])
  })
})

// docs/operations.md has these numbers: hosts of REST stores charge for each request.
describe('what it costs', () => {
  it('is a read and a write in the first sign-in, a read in the first of another process, then nothing', async () => {
    const { start } = await createPublishedApp()
    const { store, ofRow, calls } = createNotedStore()
    const begin = () => start({ store, secret: SECRET })
    await begin().signIn(createBrowser(), alice)
    expect([ofRow(), calls.length]).toEqual([['get', 'set'], 15 + 2])
    const process = begin()
    await process.signIn(createBrowser(), bob)
    expect(ofRow()).toEqual(['get', 'set', 'get'])
    await process.signIn(createBrowser(), carol)
    expect(ofRow()).toEqual(['get', 'set', 'get'])
  })

  it('is nothing for a page with a session', async () => {
    const { begin, browser, calls } = await createUsedApp()
    expect(await begin(SECRET).visit(browser)).toBe(alice.did)
    expect(calls).toHaveLength(1)
  })
})
