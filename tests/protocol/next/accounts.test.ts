/** Several accounts in one browser: the cookie that names their sessions, and who is the active one. */

import { describe, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { openSessionCookie } from '../../../lib/web/session-cookie.ts'
import { lastingCookies } from '../../support/browser.ts'
import {
  createNextApp,
  foreignForm,
  ownForm,
  SECRET,
  SESSION_COOKIE,
  type Visitor,
} from '../../support/protocol/next-app.ts'
import { alice, bob, crowd, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const openCookie = ({ jar }: Visitor) => openSessionCookie(jar.get(SESSION_COOKIE) ?? '', [SECRET])
const accountsOf = (visitor: Visitor) =>
  visitor.run(async (auth) => (await auth.listAccounts()).map(({ did }) => did), { phase: 'render' })

describe('a sign-in in a browser where somebody is signed in', () => {
  it('with a further account keeps the others and makes the new one the active one', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice)
    await visitor.signIn(bob)
    const accounts = await visitor.run((auth) => auth.listAccounts(), { phase: 'render' })
    expect(accounts).toEqual([
      { did: bob.did, isActive: true, status: 'active' },
      { did: alice.did, isActive: false, status: 'active' },
    ])
    expect(await visitor.whoIsSignedIn()).toBe(bob.did)
    expect(network.home.as.grants.counts.revocations).toBe(0)
  })

  it('RV-4 C3 CK-5 with the same account has a new session id, and revokes the old session once the new one is stored', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const visitor = app.visit()
    await visitor.signIn(bob)
    await visitor.signIn(alice)
    const before = await openCookie(visitor)
    const saved = app.visit(visitor.jar)
    await visitor.signIn(alice)
    const after = await openCookie(visitor)
    expect(after?.sessionIds).toHaveLength(2)
    expect(after?.sessionIds[0]).not.toBe(before?.sessionIds[0])
    expect(after?.sessionIds[1]).toBe(before?.sessionIds[1])
    await vi.waitFor(() => expect(network.home.as.grants.counts.revocations).toBe(1))
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([true, false, true])
    expect(await saved.whoIsSignedIn()).toBeUndefined()
  })

  it('C3 never takes over a session that an attacker planted in the browser', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const mallory = app.visit()
    await mallory.signIn(bob)
    const planted = await openCookie(mallory)
    const victim = app.visit(mallory.jar)
    await victim.signIn(alice)
    expect((await openCookie(victim))?.sessionIds[0]).not.toBe(planted?.sessionIds[0])
    // What the attacker holds is still the attacker's own account, and only that.
    expect(await mallory.whoIsSignedIn()).toBe(bob.did)
    expect(await accountsOf(mallory)).toEqual([bob.did])
  })

  it('C7 with a sixth account drops the one that was active the longest ago, whose session is revoked', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const [first, ...more] = [alice, bob, ...crowd.slice(0, 4)]
    await visitor.signIn(first ?? alice)
    for (const person of more) await visitor.signIn(person)
    expect(await accountsOf(visitor)).toEqual(more.map(({ did }) => did).reverse())
    await vi.waitFor(() => expect(network.home.as.grants.counts.revocations).toBe(1))
    expect(network.home.as.grants.all.at(0)).toMatchObject({ did: alice.did, alive: false })
    expect(`${SESSION_COOKIE}=${visitor.jar.get(SESSION_COOKIE)}`.length).toBeLessThanOrEqual(1_024)
  })

  it('keeps the other accounts although the store fails while they are looked up', async () => {
    await using network = await startScriptedNetwork()
    const memory = createMemoryStore()
    let isDown = false
    const store = {
      ...memory,
      get: (key: string) => (isDown ? Promise.reject(new Error('down')) : memory.get(key)),
    }
    const visitor = createNextApp(network, { store }).visit()
    await visitor.signIn(alice)
    network.home.as.answer('/oauth/token', (_, usual) => {
      isDown = true
      return usual()
    })
    expect((await visitor.signIn(bob)).headers.get('location')).toBe('/')
    isDown = false
    expect(await accountsOf(visitor)).toEqual([bob.did, alice.did])
  })
})

describe('the switch route', () => {
  it('C11 makes another account of the browser the active one, without scripts', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice)
    await visitor.signIn(bob)
    const response = await visitor.post('/oauth/switch', { did: alice.did, returnTo: '/compose' })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/compose'])
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(await accountsOf(visitor)).toEqual([alice.did, bob.did])
  })

  it('C9 sets the cookie with the same attributes as the sign-in', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const lines = [
      await visitor.signIn(alice),
      await visitor.signIn(bob),
      await visitor.post('/oauth/switch', { did: alice.did }),
      await visitor.post('/oauth/logout', {}),
    ].map(({ headers }) => headers.getSetCookie().filter((line) => line.startsWith(SESSION_COOKIE)))
    for (const line of lines) {
      expect(line).toHaveLength(1)
      expect(line[0]).toMatch(/^[^;]+; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/)
    }
    const last = await visitor.post('/oauth/logout', {})
    expect(last.headers.getSetCookie()).toEqual([
      `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`,
    ])
  })

  it.each([
    ['a page of another site', alice.did, foreignForm],
    ['nobody knows where', alice.did, {}],
    ['a page of ours, for an account of another browser', crowd[0]?.did ?? '', ownForm],
    ['a page of ours, for no account at all', '', ownForm],
  ])('C11 CK-6 refuses a form from %s, and changes nothing', async (_, did, headers) => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    await other.signIn(crowd[0] ?? bob)
    await visitor.signIn(alice)
    await visitor.signIn(bob)
    const response = await visitor.post('/oauth/switch', { did }, headers)
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
    expect(await visitor.whoIsSignedIn()).toBe(bob.did)
  })

  it('X4 takes no GET', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice)
    await visitor.signIn(bob)
    expect((await visitor.get(`/oauth/switch?did=${alice.did}`)).status).toBe(405)
    expect(await visitor.whoIsSignedIn()).toBe(bob.did)
  })
})

describe('the logout route', () => {
  it('signs out the active account, and the one that was active before it is the active one', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    await visitor.post('/oauth/logout')
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([true, false])
    await visitor.post('/oauth/logout')
    expect([await accountsOf(visitor), lastingCookies(visitor.jar).size]).toEqual([[], 0])
  })

  it('signs out the account that is named, and the active one stays', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    await visitor.post('/oauth/logout', { did: alice.did })
    expect(await accountsOf(visitor)).toEqual([bob.did])
  })

  it('C11 ends no session of an account that this browser does not have', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    await visitor.signIn(alice)
    await other.signIn(bob)
    await visitor.post('/oauth/logout', { did: bob.did, everywhere: '1' })
    expect([await visitor.whoIsSignedIn(), await other.whoIsSignedIn()]).toEqual([alice.did, bob.did])
  })

  it('with `everywhere` ends the account’s sessions in all browsers, and no other account’s', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    for (const person of [bob, alice]) await visitor.signIn(person)
    await other.signIn(alice)
    await visitor.post('/oauth/logout', { everywhere: 'on' })
    expect([await visitor.whoIsSignedIn(), await other.whoIsSignedIn()]).toEqual([bob.did, undefined])
  })

  it('RV-3 with `all` signs out every account of this browser, and no account in another', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    for (const person of [alice, bob]) await visitor.signIn(person)
    await other.signIn(alice)
    await visitor.post('/oauth/logout', { all: '1', everywhere: '1' })
    expect([await accountsOf(visitor), lastingCookies(visitor.jar).size]).toEqual([[], 0])
    expect(await other.whoIsSignedIn()).toBe(alice.did)
    await vi.waitFor(() => {
      const alive = network.home.as.grants.all.map((grant) => grant.alive)
      expect(alive).toEqual([false, false, true])
    })
  })

  it('gives a browser whose own session was revoked no power over the account’s others', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [thief, owner] = [app.visit(), app.visit()]
    await thief.signIn(alice)
    await owner.signIn(alice)
    await owner.run(async (auth) => {
      const others = (await auth.listDevices()).filter(({ isCurrent }) => !isCurrent)
      for (const { deviceId } of others) await auth.revokeDevice(deviceId)
    })
    await thief.post('/oauth/logout', { everywhere: '1' })
    expect(await owner.whoIsSignedIn()).toBe(alice.did)
  })

  it('gives a browser whose session the server has ended no power over the account’s others', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [thief, owner] = [app.visit(), app.visit()]
    await thief.signIn(alice)
    const [stolen] = network.home.as.grants.all
    await owner.signIn(alice)
    if (stolen) stolen.alive = false
    await thief.run(async (auth) => (await auth.getSession())?.refresh().catch(() => undefined))
    expect(await thief.whoIsSignedIn()).toBeUndefined()
    await thief.post('/oauth/logout', { everywhere: '1' })
    expect(await owner.whoIsSignedIn()).toBe(alice.did)
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([false, true])
  })
})
