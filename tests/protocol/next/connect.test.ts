/** `auth.connect()`: an account is connected to a user of the application, beside its own sign-in. */

import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { lastingCookies } from '../../support/browser.ts'
import { comeBack, createConnectingApp, PAGE } from '../../support/protocol/connecting-app.ts'
import { call } from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

describe('auth.connect', () => {
  it('connects an account and returns to the page; a job then calls by what was stored', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { location, callback } = await app.begin(visitor, alice)
    expect(location).toMatch(`${network.home.as.origin}/oauth/authorize?`)
    expect(await comeBack(visitor, callback)).toBe(PAGE)
    expect(app.connections).toEqual([{ did: alice.did, sessionId: expect.any(String), link: 'ann' }])
    const [{ did, sessionId } = { did: '', sessionId: '' }] = app.connections
    expect(await call(await app.auth.restore(did, { sessionId }))).toBe(200)
  })

  it('signs the browser in with nothing', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await app.connectAccount(visitor, alice)
    expect([...lastingCookies(visitor.jar).keys()]).toEqual(['user'])
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
    expect(await visitor.run((auth) => auth.listAccounts())).toEqual([])
  })

  it('leaves the accounts that are signed in in the browser as they are', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(bob)
    const before = lastingCookies(visitor.jar)
    await app.connectAccount(visitor, alice)
    await app.connectAccount(visitor, bob)
    expect(lastingCookies(visitor.jar)).toEqual(before)
    const accounts = await visitor.run((auth) => auth.listAccounts())
    expect(accounts.map(({ did }) => did)).toEqual([bob.did])
  })

  it('calls neither onSignIn nor, at its end, onSignOut', async () => {
    await using network = await startScriptedNetwork()
    const told: string[] = []
    const app = createConnectingApp(network, {
      onSignIn: () => told.push('in'),
      onSignOut: () => told.push('out'),
    })
    const { did, sessionId } = await app.connectAccount(app.visitAs('ann'), alice)
    await app.auth.disconnect(did, { sessionId })
    expect(told).toEqual([])
  })

  it('gives the session to onConnected, which works', async () => {
    await using network = await startScriptedNetwork()
    const handles: unknown[] = []
    const app = createConnectingApp(network, {
      connect: {
        currentUser: () => 'ann',
        onConnected: async ({ session }) => handles.push(await session.getHandle()),
      },
    })
    const visitor = app.visitAs('ann')
    await comeBack(visitor, (await app.begin(visitor, alice)).callback)
    expect(handles).toEqual([alice.handle])
  })

  it('connects two accounts to one user, and one account twice: each is a connection of its own', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    for (const person of [alice, bob, alice]) await app.connectAccount(visitor, person)
    expect(app.connections.map(({ did, link }) => [did, link])).toEqual([
      [alice.did, 'ann'],
      [bob.did, 'ann'],
      [alice.did, 'ann'],
    ])
    expect(new Set(app.connections.map(({ sessionId }) => sessionId)).size).toBe(3)
    for (const { did, sessionId } of app.connections)
      expect(await call(await app.auth.restore(did, { sessionId }))).toBe(200)
  })

  it('asks for the scope that it is given, or for that of a sign-in', async () => {
    await using network = await startScriptedNetwork()
    const scope = 'atproto repo:app.bsky.feed.post blob:image/*'
    const app = createConnectingApp(network, { scope, signInScope: 'atproto' })
    const visitor = app.visitAs('ann')
    const asked = () => network.sent('/oauth/par').at(-1)?.form.get('scope')
    await app.connect(visitor, alice.handle)
    expect(asked()).toBe('atproto')
    await app.connect(visitor, alice.handle, { scope: 'atproto repo:app.bsky.feed.post' })
    expect(asked()).toBe('atproto repo:app.bsky.feed.post')
  })

  it('tells neither the browser nor the authorization server for whom it is', async () => {
    await using network = await startScriptedNetwork()
    const memory = createMemoryStore({ now: network.now })
    const rows: string[] = []
    const set: typeof memory.set = (key, value, ttlMs) => {
      rows.push(key, value)
      return memory.set(key, value, ttlMs)
    }
    const app = createConnectingApp(network, {
      store: { ...memory, set },
      connect: { currentUser: () => 'canary-user', onConnected: () => undefined },
    })
    const visitor = app.visit()
    const { location, callback } = await app.begin(visitor, alice, { link: 'canary-user' })
    const cookies = visitor.header()
    expect(await comeBack(visitor, callback)).toBe(PAGE)
    const sent = network.requests.map(({ target, headers, body }) => [target, headers, body.toString()])
    expect(rows.filter((row) => /^(state|session):/.test(row))).toHaveLength(2)
    expect(JSON.stringify([location, callback, cookies, sent, app.lines, rows])).not.toContain('canary-user')
  })
})
