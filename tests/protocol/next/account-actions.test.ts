/** What an application's own actions do with the accounts of a browser. */

import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { lastingCookies } from '../../support/browser.ts'
import { createNextApp, foreignForm, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const accountsOf = (visitor: Visitor) =>
  visitor.run(async (auth) => (await auth.listAccounts()).map(({ did }) => did), { phase: 'render' })

describe('auth in a server action', () => {
  it('switches, and getSession in the rest of the request gives the new account', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    const seen = await visitor.run(async (auth, request) => {
      const before = (await auth.getSession())?.did
      await auth.switchAccount(alice.did)
      const after = (await auth.getSession())?.did
      request.startRender()
      return [before, after, (await auth.getSession())?.did, await auth.getSessionStatus()]
    })
    expect(seen).toEqual([bob.did, alice.did, alice.did, { kind: 'active', did: alice.did }])
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  it('signs out, and getSession in the rest of the request gives the next account, then nobody', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    const seen = await visitor.run(async (auth, request) => {
      const before = (await auth.getSession())?.did
      await auth.signOut()
      const between = (await auth.getSession())?.did
      await auth.signOut({ did: alice.did })
      request.startRender()
      return [before, between, (await auth.getSession())?.did, await auth.getSessionStatus()]
    })
    expect(seen).toEqual([bob.did, alice.did, undefined, { kind: 'none' }])
    expect(lastingCookies(visitor.jar).size).toBe(0)
    expect(network.home.as.grants.counts.revocations).toBe(2)
  })

  it('C11 refuses an account of another browser', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    await visitor.signIn(alice)
    await other.signIn(bob)
    const refusal = await refusalOf(visitor.run((auth) => auth.switchAccount(bob.did)))
    expect(refusal).toMatchObject({ code: 'session_ended' })
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  const changes: readonly (readonly [string, Parameters<Visitor['run']>[0]])[] = [
    ['switchAccount', (auth) => auth.switchAccount(alice.did)],
    ['signOut', (auth) => auth.signOut()],
    ['signOutEverywhere', (auth) => auth.signOutEverywhere()],
    ['revokeDevice', (auth) => auth.revokeDevice('any')],
  ]
  it.each(changes)('%s works nowhere else, and has then changed nothing', async (_, change) => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    const refusal = await refusalOf(visitor.run(change, { phase: 'render' }))
    expect(refusal).toBeInstanceOf(TypeError)
    expect(refusal.message).toMatch('server action')
    expect(await accountsOf(visitor)).toEqual([bob.did, alice.did])
    expect(network.sent('/oauth/revoke')).toEqual([])
  })

  it.each(changes)('X5 %s refuses a request that another site’s page caused', async (_, change) => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    for (const headers of [foreignForm, { origin: 'https://evil.dev' }, { 'sec-fetch-site': 'same-site' }]) {
      const refusal = await refusalOf(visitor.run(change, { headers }))
      expect(refusal).toMatchObject({ code: 'request_refused' })
    }
    expect(await accountsOf(visitor)).toEqual([bob.did, alice.did])
  })

  it('tells why a session needs a new sign-in, and keeps the account in the list', async () => {
    await using network = await startScriptedNetwork({ lifetimeMs: 1_000 })
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice)
    network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
    const seen = await visitor.run(
      async (auth) => {
        await refusalOf((await auth.requireSession()).refresh())
        return [await auth.getSessionStatus(), await auth.listAccounts(), await auth.listDevices()]
      },
      { phase: 'render' },
    )
    expect(seen).toEqual([
      { kind: 'reauth_required', did: alice.did, reason: 'revoked' },
      [{ did: alice.did, isActive: true, status: 'reauth_required' }],
      [],
    ])
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
  })

  it('requireSession leads to the sign-in page with the account whose session has ended', async () => {
    await using network = await startScriptedNetwork({ lifetimeMs: 1_000 })
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice)
    network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
    await visitor.run(async (auth) => refusalOf((await auth.requireSession()).refresh()), { phase: 'render' })
    const { location } = await visitor.act((auth) => auth.requireSession({ returnTo: '/albums' }), {
      phase: 'render',
    })
    const query = new URLSearchParams({ identifier: alice.did, returnTo: '/albums' })
    expect(location).toBe(`/oauth/login?${query}`)
  })

  it('X7 asks the store once for thirty components', async () => {
    await using network = await startScriptedNetwork()
    const memory = createMemoryStore()
    let reads = 0
    const get = (key: string) => {
      reads += 1
      return memory.get(key)
    }
    const visitor = createNextApp(network, { store: { ...memory, get } }).visit()
    await visitor.signIn(alice)
    reads = 0
    await visitor.run((auth) => Promise.all(Array.from({ length: 30 }, () => auth.getSession())), {
      phase: 'render',
    })
    expect(reads).toBe(1)
  })
})
