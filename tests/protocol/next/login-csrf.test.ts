/** Sign-ins that an attacker has prepared: a link, a callback of their own, a cookie that is there before (RFC 9700 §4.7). */

import { describe, expect, it } from 'vitest'
import { lastingCookies } from '../../support/browser.ts'
import {
  createNextApp,
  navigation,
  ownLink,
  SESSION_COOKIE,
  type Visitor,
} from '../../support/protocol/next-app.ts'
import {
  alice,
  bob as mallory,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'

const crossSite = { ...navigation, 'sec-fetch-site': 'cross-site' }
const LINK = `/oauth/login?identifier=${mallory.handle}`

/** A navigation, all the way: the server approves at once, as one of the attacker's own does. Where it ends. */
async function follow(
  visitor: Visitor,
  network: ScriptedNetwork,
  path: string,
  headers = navigation,
): Promise<string> {
  const location = (await visitor.get(path, headers)).headers.get('location')
  if (location === null || !location.startsWith(network.home.as.origin)) return location ?? path
  const { pathname, search } = network.home.as.approve(new URL(location), mallory.did)
  return follow(visitor, network, pathname + search, crossSite)
}

describe('login CSRF, at a server that approves at once', () => {
  it('CK-7 a link on another site asks no server and leaves the session alone', async () => {
    await using network = await startScriptedNetwork()
    const victim = createNextApp(network, { signInPage: '/sign-in' }).visit()
    await victim.signIn(alice)
    const [cookie, asked] = [victim.jar.get(SESSION_COOKIE), network.sent('/oauth/par').length]
    expect(await follow(victim, network, LINK, crossSite)).toBe(`/sign-in?identifier=${mallory.handle}`)
    expect(network.sent('/oauth/par')).toHaveLength(asked)
    expect(victim.jar.get(SESSION_COOKIE)).toBe(cookie)
    expect(await victim.whoIsSignedIn()).toBe(alice.did)
    expect(await victim.run((auth) => auth.listAccounts())).toHaveLength(1)
  })

  it.each([
    ['of a subdomain', { ...navigation, 'sec-fetch-site': 'same-site' }],
    [
      'of an image on an own page',
      { ...navigation, 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'image' },
    ],
    ['in a frame', { ...crossSite, 'sec-fetch-dest': 'iframe' }],
    ['by a browser that does not say', {}],
  ])('CK-7 nor does a request %s', async (_name, headers) => {
    await using network = await startScriptedNetwork()
    const victim = createNextApp(network).visit()
    await follow(victim, network, LINK, headers as typeof navigation)
    expect(network.sent('/oauth/par')).toEqual([])
    expect(await victim.whoIsSignedIn()).toBeUndefined()
  })

  it.each([
    ['in a mail or another program', navigation],
    ['in a text of another user on an own page', ownLink],
  ])('CK-7 a link %s shows the form filled in, and asks no server', async (_name, headers) => {
    await using network = await startScriptedNetwork()
    const victim = createNextApp(network).visit()
    await victim.signIn(alice)
    const asked = network.sent('/oauth/par').length
    for (const identifier of [mallory.handle, mallory.did]) {
      const response = await victim.get(`/oauth/login?identifier=${identifier}`, headers)
      expect([response.status, await response.text()]).toEqual([
        200,
        expect.stringContaining(`value="${identifier}"`),
      ])
    }
    expect(network.sent('/oauth/par')).toHaveLength(asked)
    expect(await victim.run((auth) => auth.listAccounts())).toHaveLength(1)
  })

  it('CK-7 a link on an own page begins at once for an account that the browser has, and from elsewhere does not', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice)
    const path = `/oauth/login?identifier=${alice.did}`
    expect((await visitor.get(path, navigation)).status).toBe(200)
    const begun = await visitor.get(path, ownLink)
    expect(begun.headers.get('location')).toContain(network.home.as.origin)
  })

  it('CK-7 CB-2 the attacker’s own code and state sign nobody else’s browser in', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network, { signInPage: '/sign-in' })
    const [attacker, victim] = [app.visit(), app.visit()]
    await victim.signIn(alice)
    const begun = await attacker.post('/oauth/login', { identifier: mallory.handle })
    const { pathname, search } = network.home.as.approve(
      new URL(begun.headers.get('location') ?? ''),
      mallory.did,
    )
    const exchanged = network.sent('/oauth/token').length
    const answer = await victim.get(pathname + search, crossSite)
    expect(withoutReference(answer.headers.get('location'))).toBe('/sign-in?error=state_mismatch')
    expect(network.sent('/oauth/token')).toHaveLength(exchanged)
    expect(await victim.whoIsSignedIn()).toBe(alice.did)
  })
})

describe('session fixation', () => {
  it('CK-5 C3 a cookie that was there before is none of the session after', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const attacker = app.visit()
    await attacker.signIn(mallory)
    const planted = attacker.jar.get(SESSION_COOKIE)
    const victim = app.visit(attacker.jar)
    await victim.signIn(alice)
    expect(victim.jar.get(SESSION_COOKIE)).not.toBe(planted)
    expect([await victim.whoIsSignedIn(), await attacker.whoIsSignedIn()]).toEqual([alice.did, mallory.did])
    // Nor does the planted cookie lead to the victim's account later on.
    await victim.post('/oauth/logout', { all: '1' })
    expect(await attacker.whoIsSignedIn()).toBeUndefined()
  })

  it('CK-5 a cookie that was copied opens nothing after the sign-out', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const visitor = app.visit()
    await visitor.signIn(alice)
    const thief = app.visit(visitor.jar)
    expect(await thief.whoIsSignedIn()).toBe(alice.did)
    await visitor.post('/oauth/logout')
    expect(visitor.jar.has(SESSION_COOKIE)).toBe(false)
    expect(await thief.whoIsSignedIn()).toBeUndefined()
    const { grants } = network.home.as
    expect(grants.all.map(({ alive }) => alive)).toEqual([false])
  })
})

describe('the flow cookie', () => {
  const flowsOf = ({ jar }: Visitor) =>
    [...lastingCookies(jar).keys()].filter((name) => name.startsWith('atproto-flow'))

  it('CK-5 is one for each attempt, lasts an hour, and ten minutes more once its own is finished', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const tabs = [
      await visitor.post('/oauth/login', { identifier: alice.handle }),
      await visitor.post('/oauth/login', { identifier: mallory.handle }),
    ]
    for (const { headers } of tabs) {
      expect(headers.getSetCookie()).toEqual([
        expect.stringMatching(/; Max-Age=3600;.* HttpOnly; SameSite=Lax$/),
      ])
    }
    expect(flowsOf(visitor)).toHaveLength(2)
    const [, second] = flowsOf(visitor)
    const urls = tabs.map(({ headers }) => new URL(headers.get('location') ?? ''))
    const backs = urls.map((url, at) => network.home.as.approve(url, [alice.did, mallory.did][at] ?? ''))
    const [first, last] = backs.map(({ pathname, search }) => pathname + search)
    await visitor.get(first ?? '', crossSite)
    expect(flowsOf(visitor)).toEqual([second])
    await visitor.get(last ?? '', crossSite)
    expect(flowsOf(visitor)).toEqual([])
    expect(await visitor.run((auth) => auth.listAccounts())).toHaveLength(2)
  })

  it.each(['access_denied', 'server_error'])(
    'CK-5 goes with an attempt that failed, too: %s',
    async (error) => {
      await using network = await startScriptedNetwork()
      const visitor = createNextApp(network).visit()
      const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
      expect(flowsOf(visitor)).toHaveLength(1)
      const { pathname, search } = network.home.as.fail(new URL(begun.headers.get('location') ?? ''), error)
      await visitor.get(pathname + search, crossSite)
      expect([flowsOf(visitor), await visitor.whoIsSignedIn()]).toEqual([[], undefined])
    },
  )
})
