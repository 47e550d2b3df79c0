/** The same callback URL again: by Back, by a double click, after a lost answer, or in the hands of an attacker. */
import { describe, expect, it, vi } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { AtprotoAuth } from '../../../lib/next/auth.ts'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import type { Browser } from '../../support/browser.ts'
import { createNextApp, navigation, ORIGIN, type Visitor } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type Person,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { recordLog } from '../../support/record-log.ts'

const RETURN_TO = '/albums?sort=new'
const STATE_UNKNOWN = '/oauth/login?error=state_unknown'
const STATE_MISMATCH = '/oauth/login?error=state_mismatch'

const locationOf = (response: Response) => withoutReference(response.headers.get('location'))
const namesOf = ({ jar }: Browser) => [...jar.keys()]

/** The path of a callback that a visitor is about to ask for. */
async function approve(network: ScriptedNetwork, visitor: Visitor, person: Person = alice): Promise<string> {
  const begun = await visitor.post('/oauth/login', { identifier: person.handle, returnTo: RETURN_TO })
  const { pathname, search } = network.home.as.approve(new URL(locationOf(begun) ?? ''), person.did)
  return pathname + search
}

async function arrive(network: ScriptedNetwork, options: AtprotoAuthOptions = {}) {
  const app = createNextApp(network, options)
  const visitor = app.visit()
  return { ...app, visitor, callback: await approve(network, visitor) }
}

const exchanges = (network: ScriptedNetwork) =>
  network.sent('/oauth/token').filter(({ body }) => body.includes('authorization_code')).length
const alive = (network: ScriptedNetwork) => network.home.as.grants.all.filter((grant) => grant.alive).length

describe('a callback that was answered', () => {
  it('gets the same answer again from the same browser (Back), without a token request or a cookie', async () => {
    await using network = await startScriptedNetwork()
    const { visitor, callback } = await arrive(network)
    expect(locationOf(await visitor.get(callback))).toBe(RETURN_TO)
    const lines = recordLog()
    const again = await visitor.get(callback)
    expect([again.status, locationOf(again), again.headers.getSetCookie()]).toEqual([303, RETURN_TO, []])
    expect([exchanges(network), alive(network), lines]).toEqual([1, 1, []])
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  it('signs the same browser in after all, when its first answer was lost', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    const lost = { ...navigation, cookie: visitor.header() }
    await auth.handlers.GET(new Request(ORIGIN + callback, { headers: lost }))
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
    expect(locationOf(await visitor.get(callback))).toBe(RETURN_TO)
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    expect([exchanges(network), alive(network)]).toEqual([1, 1])
  })

  it('is waited for by a repeat that arrives during the exchange (double click)', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    const headers = { ...navigation, cookie: visitor.header() }
    const clicks = [1, 2, 3].map(() => auth.handlers.GET(new Request(ORIGIN + callback, { headers })))
    const responses = await Promise.all(clicks)
    expect(responses.map(locationOf)).toEqual([RETURN_TO, RETURN_TO, RETURN_TO])
    // The browser shows the answer of the last click, whichever that is.
    for (const response of responses) {
      const browser = createNextAppBrowser(visitor)
      browser.take(response.headers.getSetCookie())
      expect(namesOf(browser)).toContain('atproto-session-3000')
    }
    expect([exchanges(network), alive(network)]).toEqual([1, 1])
  })

  it('gives nothing but the redirect after a sign-out, and after a revocation elsewhere', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    await visitor.get(callback)
    await visitor.post('/oauth/logout')
    const again = await visitor.get(callback)
    expect([locationOf(again), again.headers.getSetCookie()]).toEqual([RETURN_TO, []])
    expect(await visitor.whoIsSignedIn()).toBeUndefined()

    const second = await approve(network, visitor)
    const lost = { ...navigation, cookie: visitor.header() }
    await auth.handlers.GET(new Request(ORIGIN + second, { headers: lost }))
    const session = await auth.restore(alice.did)
    await session.signOut()
    expect((await visitor.get(second)).headers.getSetCookie()).toEqual([])
  })

  it('brings back no session that its server has ended meanwhile', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    const lost = { ...navigation, cookie: visitor.header() }
    await auth.handlers.GET(new Request(ORIGIN + callback, { headers: lost }))
    for (const grant of network.home.as.grants.all) grant.alive = false
    const session = await auth.restore(alice.did)
    await session.refresh().catch(() => undefined)
    expect(session.isEnded).toBe(true)
    const again = await visitor.get(callback)
    expect([locationOf(again), again.headers.getSetCookie()]).toEqual([RETURN_TO, []])
  })

  it('does not replace a newer sign-in of the same account', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    const lost = { ...navigation, cookie: visitor.header() }
    await auth.handlers.GET(new Request(ORIGIN + callback, { headers: lost }))
    await visitor.get(await approve(network, visitor))
    const before = visitor.jar.get('atproto-session-3000')
    expect((await visitor.get(callback)).headers.getSetCookie()).toEqual([])
    expect(visitor.jar.get('atproto-session-3000')).toBe(before)
  })
})

describe('an attacker with the URL of a finished callback', () => {
  it.each([
    ['another code', 'code', 'stolen'],
    ['another issuer', 'iss', 'https://evil.dev'],
  ])('gets nothing with %s, and sends no token request', async (_, name, value) => {
    await using network = await startScriptedNetwork()
    recordLog()
    const { visitor, callback } = await arrive(network)
    await visitor.get(callback)
    const url = new URL(callback, ORIGIN)
    url.searchParams.set(name, value)
    expect(locationOf(await visitor.get(url.pathname + url.search))).toBe(STATE_UNKNOWN)
    expect(exchanges(network)).toBe(1)
  })

  it('gets nothing in another browser', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const { visit, visitor, callback } = await arrive(network)
    await visitor.get(callback)
    const thief = visit()
    expect(locationOf(await thief.get(callback))).toBe(STATE_MISMATCH)
    expect([thief.jar.size, exchanges(network)]).toEqual([0, 1])
  })

  it('gets nothing eleven minutes later', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const store = createMemoryStore({ now: () => Date.now() })
    const { visitor, callback } = await arrive(network, { store })
    await visitor.get(callback)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
    try {
      expect(locationOf(await visitor.get(callback))).toBe(STATE_UNKNOWN)
    } finally {
      vi.useRealTimers()
    }
    expect(exchanges(network)).toBe(1)
  })

  it('finds neither the session nor the path in the store', async () => {
    await using network = await startScriptedNetwork()
    const memory = createMemoryStore()
    const written: string[] = []
    const set: typeof memory.set = (key, value, ttlMs) => {
      written.push(key, value)
      return memory.set(key, value, ttlMs)
    }
    const { visitor, callback } = await arrive(network, { store: { ...memory, set } })
    await visitor.get(callback)
    const { searchParams } = new URL(callback, ORIGIN)
    const secrets = [RETURN_TO, searchParams.get('code') ?? '', searchParams.get('state') ?? '', alice.did]
    for (const secret of secrets) expect(written.join()).not.toContain(secret)
    expect(written.some((text) => text.startsWith('finished:'))).toBe(true)
  })
})

describe('a repeat that waits', () => {
  it('asks the store less and less often: many of them are no load', async () => {
    await using network = await startScriptedNetwork()
    const memory = createMemoryStore()
    const { auth, visitor, callback } = await arrive(network, { store: memory })
    const held = Promise.withResolvers<void>()
    network.home.as.answer('/oauth/token', async (_, usual) => {
      await held.promise
      return usual()
    })
    const headers = { ...navigation, cookie: visitor.header() }
    const ask = () => auth.handlers.GET(new Request(ORIGIN + callback, { headers }))
    const first = ask()
    await expect.poll(() => exchanges(network)).toBe(1)
    const looks = vi.spyOn(memory, 'lease')
    const repeat = ask()
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(looks.mock.calls.length).toBeLessThan(10)
    held.resolve()
    expect((await Promise.all([first, repeat])).map(locationOf)).toEqual([RETURN_TO, RETURN_TO])
  })

  it('does not wait for an answer that the store did not keep', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const memory = createMemoryStore()
    const set: typeof memory.set = (key, ...rest) =>
      key.startsWith('finished:')
        ? Promise.reject(new StoreUnavailableError('down'))
        : memory.set(key, ...rest)
    const { visitor, callback } = await arrive(network, { store: { ...memory, set } })
    expect(locationOf(await visitor.get(callback))).toBe(RETURN_TO)
    expect(locationOf(await visitor.get(callback))).toBe(STATE_UNKNOWN)
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })
})

describe('a callback that failed', () => {
  it('is over: its cookie goes, and a repeat does not wait', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const visitor = createNextApp(network).visit()
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
    const { pathname, search } = network.home.as.fail(new URL(locationOf(begun) ?? ''), 'access_denied')
    await visitor.get(pathname + search)
    expect(visitor.jar.size).toBe(0)
    expect(locationOf(await visitor.get(pathname + search))).toBe(STATE_MISMATCH)
  })

  it('is told to a repeat that waited for it', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const { auth, visit } = createNextApp(network)
    const visitor = visit()
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
    const { pathname, search } = network.home.as.fail(new URL(locationOf(begun) ?? ''), 'invalid_scope')
    const headers = { ...navigation, cookie: visitor.header() }
    const clicks = [1, 2].map(() => auth.handlers.GET(new Request(ORIGIN + pathname + search, { headers })))
    const locations = (await Promise.all(clicks)).map(locationOf)
    expect(locations.toSorted()).toEqual([
      expect.stringContaining('error=server_refused'),
      expect.stringContaining('error=state_unknown'),
    ])
  })
})

/** Two callbacks of one browser whose answers cross: none knows the cookies of the other. */
async function finishAtOnce(
  { auth, visitor }: { readonly auth: AtprotoAuth; readonly visitor: Visitor },
  callbacks: readonly string[],
  inOrder: (responses: readonly Response[]) => readonly Response[],
): Promise<void> {
  const headers = { ...navigation, cookie: visitor.header() }
  const responses = await Promise.all(
    callbacks.map((path) => auth.handlers.GET(new Request(ORIGIN + path, { headers }))),
  )
  const answers = inOrder(responses)
  for (const response of answers) visitor.take(response.headers.getSetCookie())
  for (const response of answers) await follow(visitor, response)
}

/** As a browser follows redirects within the sign-in routes. Where it ends up. */
async function follow(visitor: Visitor, response: Response): Promise<string | undefined> {
  const location = locationOf(response)
  return location?.startsWith('/oauth/callback') ? follow(visitor, await visitor.get(location)) : location
}

const orders = [
  ['the first', (responses: readonly Response[]) => responses.toReversed()],
  ['the second', (responses: readonly Response[]) => responses],
] as const

describe('two sign-ins of one browser that finish in the same moment', () => {
  it.each(orders)('keep both accounts when the answer to %s arrives last', async (_, inOrder) => {
    await using network = await startScriptedNetwork()
    const { auth, visit } = createNextApp(network)
    const visitor = visit()
    const callbacks = [await approve(network, visitor), await approve(network, visitor, bob)]
    await finishAtOnce({ auth, visitor }, callbacks, inOrder)
    const accounts = await visitor.run((running) => running.listAccounts())
    expect(accounts.map(({ did }) => did).toSorted()).toEqual([alice.did, bob.did].toSorted())
    expect(alive(network)).toBe(2)
  })

  it.each(orders)(
    'keep one session of one account when the answer to %s arrives last',
    async (_, inOrder) => {
      await using network = await startScriptedNetwork()
      const { auth, visit } = createNextApp(network)
      const visitor = visit()
      await finishAtOnce(
        { auth, visitor },
        [await approve(network, visitor), await approve(network, visitor)],
        inOrder,
      )
      await vi.waitFor(() => expect(alive(network)).toBe(1))
      expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    },
  )

  it('leads to the page that was asked for', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const callback = await approve(network, visitor)
    await approve(network, visitor, bob)
    expect(await follow(visitor, await visitor.get(callback))).toBe(RETURN_TO)
  })
})

describe('the session of a lost answer', () => {
  it('comes in place of one that has to sign in again', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    await visitor.get(callback)
    const second = await approve(network, visitor)
    // The server ends the first session.
    for (const grant of network.home.as.grants.all) grant.alive = false
    const session = await auth.restore(alice.did)
    await session.refresh().catch(() => undefined)
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
    const lost = { ...navigation, cookie: visitor.header() }
    await auth.handlers.GET(new Request(ORIGIN + second, { headers: lost }))
    await follow(visitor, await visitor.get(second))
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })
})

describe('the newer of two sessions of an account', () => {
  it('stays when the answer that brought it was lost, and the older one ends', async () => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, callback } = await arrive(network)
    await visitor.get(callback)
    const before = visitor.jar.get('atproto-session-3000')
    const second = await approve(network, visitor)
    const flows = [...visitor.jar].filter(([name]) => name.includes('flow'))
    const lost = { ...navigation, cookie: flows.map((pair) => pair.join('=')).join('; ') }
    await auth.handlers.GET(new Request(ORIGIN + second, { headers: lost }))
    await vi.waitFor(() => expect(alive(network)).toBe(2))
    await follow(visitor, await visitor.get(second))
    await vi.waitFor(() => expect(alive(network)).toBe(1))
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    expect(visitor.jar.get('atproto-session-3000')).not.toBe(before)
  })
})

describe('an attacker who knows the flow cookie of a sign-in before it is finished', () => {
  it('does not get its session by a sign-in of their own (session fixation)', async () => {
    await using network = await startScriptedNetwork()
    const { visit } = createNextApp(network)
    const attacker = visit()
    // They begin it on a shared computer, keep a copy of its cookies, and leave the page of the server open.
    const left = await approve(network, attacker)
    const victim = visit(attacker.jar)
    expect(await follow(victim, await victim.get(left))).toBe(RETURN_TO)
    await follow(attacker, await attacker.get(await approve(network, attacker, bob)))
    const accounts = await attacker.run((running) => running.listAccounts())
    expect(accounts.map(({ did }) => did)).toEqual([bob.did])
  })
})

it('who signs in next on a shared computer does not get the account whose answer was lost', async () => {
  await using network = await startScriptedNetwork()
  const { auth, visitor, callback } = await arrive(network)
  const second = await approve(network, visitor, bob)
  const lost = { ...navigation, cookie: visitor.header() }
  await auth.handlers.GET(new Request(ORIGIN + callback, { headers: lost }))
  await follow(visitor, await visitor.get(second))
  const accounts = await visitor.run((running) => running.listAccounts())
  expect(accounts.map(({ did }) => did)).toEqual([bob.did])
})

/** A copy of a visitor's cookies. */
function createNextAppBrowser(visitor: Visitor): Browser {
  const jar = new Map(visitor.jar)
  return {
    jar,
    header: visitor.header,
    take(setCookies) {
      for (const line of setCookies) jar.set(line.split('=', 1)[0] ?? '', line)
    },
  }
}
