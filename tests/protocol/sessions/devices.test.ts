/** The sessions of one account in several browsers: the list of them, and ending one or all. */

import { type InternalStateData, OAuthClient, type OAuthSession, type Session } from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import { lastingCookies } from '../../support/browser.ts'
import { createNextApp, type Visitor } from '../../support/protocol/next-app.ts'
import { approveSignIn, call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const devicesOf = (visitor: Visitor) => visitor.run((auth) => auth.listDevices(), { phase: 'render' })

describe('client.listSessions', () => {
  it('CK-10 lists the account’s sessions, the most recently used first, without anything that opens one', async () => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const sessions: { readonly id: string; readonly at: number }[] = []
    for (const label of ['Firefox on Linux', 'Safari on iPhone', undefined]) {
      network.advance(60_000)
      const { session } = await client.callback(await approveSignIn(network, client), { label })
      sessions.push({ id: session.id, at: network.now() })
    }
    const listed = await client.listSessions(alice.did)
    expect(listed.map(({ label, createdAt, lastUsedAt }) => ({ label, createdAt, lastUsedAt }))).toEqual(
      [undefined, 'Safari on iPhone', 'Firefox on Linux'].map((label, at) => {
        const date = new Date(sessions[2 - at]?.at ?? 0)
        return { label, createdAt: date, lastUsedAt: date }
      }),
    )
    for (const { id } of sessions) expect(JSON.stringify(listed)).not.toContain(id)
    // Without what names them, in which any word may occur.
    const shown = JSON.stringify(listed.map(({ deviceId: _, ...rest }) => rest))
    expect(shown).not.toMatch(/access|refresh|dpop/i)
    expect(await client.listSessions(bob.did)).toEqual([])
  })

  it('counts a refresh as a use, and says which sessions need a new sign-in', async () => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const [first, second] = [await signIn(network, client), await signIn(network, client)]
    network.advance(3_600_000)
    await call(first)
    network.home.as.grants.revoke(network.home.as.grants.all.at(1)?.refreshToken ?? '')
    await refusalOf(call(second))
    expect(await client.listSessions(alice.did)).toMatchObject([
      { isActive: true, reason: undefined, lastUsedAt: new Date(network.now()) },
      { isActive: false, reason: 'revoked' },
    ])
  })

  it.each([
    ['a long one', 'x'.repeat(300), 'x'.repeat(100)],
    ['one with line breaks and control characters', ' a\r\nb\u0000c\t', 'a b c'],
    ['one that would turn the text around it', 'safe\u202egnp.exe\u200b!', 'safe gnp.exe !'],
    ['emoji, which are not cut in two', '🦊'.repeat(101), '🦊'.repeat(100)],
    ['nothing to see', '\u200b \n', undefined],
  ])('keeps of a label what can be shown: %s', async (_, label, kept) => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    await client.callback(await approveSignIn(network, client), { label })
    expect((await client.listSessions(alice.did))[0]?.label).toBe(kept)
  })

  it('C12 ends one of five by its device id: four live, one is revoked at the server', async () => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const sessions: OAuthSession[] = []
    while (sessions.length < 5) sessions.push(await signIn(network, client))
    const listed = await client.listSessions(alice.did)
    const third = await client.describeSession(sessions[2]?.id ?? '')
    expect(listed.map(({ deviceId }) => deviceId)).toContain(third?.deviceId)
    await client.revoke(alice.did, { deviceId: third?.deviceId })
    expect(network.sent('/oauth/revoke')).toHaveLength(1)
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([true, true, false, true, true])
    const rest = sessions.filter((_, at) => at !== 2)
    expect(await Promise.all(rest.map((session) => call(session)))).toEqual([200, 200, 200, 200])
    expect(await client.listSessions(alice.did)).toHaveLength(4)
  })

  it('C12 ends nothing by a device id of another account, nor by a session id in its place', async () => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const session = await signIn(network, client)
    const [device] = await client.listSessions(alice.did)
    await client.revoke(bob.did, { deviceId: device?.deviceId })
    await client.revoke(alice.did, { deviceId: session.id })
    await client.revoke(alice.did, { deviceId: '' })
    expect(await call(session)).toBe(200)
  })

  it('has one entry on an application’s own stores, which ends like any other', async () => {
    await using network = await startScriptedNetwork()
    const [states, rows] = [new Map<string, InternalStateData>(), new Map<string, Session>()]
    const storeOf = <Value>(map: Map<string, Value>) => ({
      get: (key: string) => map.get(key),
      set: (key: string, value: Value) => void map.set(key, value),
      del: (key: string) => void map.delete(key),
    })
    const client = new OAuthClient({
      clientMetadata: createScriptedClient(network).clientMetadata,
      localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
      now: network.now,
      stateStore: storeOf(states),
      sessionStore: storeOf(rows),
    })
    await client.callback(await approveSignIn(network, client), { label: 'A script' })
    const [device, ...more] = await client.listSessions(alice.did)
    expect([device, more]).toMatchObject([{ did: alice.did, label: 'A script', isActive: true }, []])
    await client.revoke(alice.did, { deviceId: device?.deviceId })
    expect(rows.size).toBe(0)
  })
})

describe('auth and devices', () => {
  it('takes the label from the browser that came back', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(alice, { 'user-agent': FIREFOX })
    expect(await devicesOf(visitor)).toMatchObject([{ label: 'Firefox on Linux', isCurrent: true }])
  })

  it('C12 signs out one device at its next request, and no other', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const visitors = [app.visit(), app.visit(), app.visit()] as const
    for (const visitor of visitors) await visitor.signIn(alice)
    const [here, there, elsewhere] = visitors
    // The device to be signed out has just been here: nothing of that is remembered.
    expect(await there.whoIsSignedIn()).toBe(alice.did)
    const target = (await devicesOf(there)).find(({ isCurrent }) => isCurrent)
    await here.run((auth) => auth.revokeDevice(target?.deviceId ?? ''))
    const seen = [await here.whoIsSignedIn(), await there.whoIsSignedIn(), await elsewhere.whoIsSignedIn()]
    expect(seen).toEqual([alice.did, undefined, alice.did])
    expect(network.sent('/oauth/revoke')).toHaveLength(1)
  })

  it('is signed out itself when it names its own device', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(bob)
    await visitor.signIn(alice)
    const after = await visitor.run(async (auth) => {
      const own = (await auth.listDevices()).find(({ isCurrent }) => isCurrent)
      expect(await auth.revokeDevice(own?.deviceId ?? '')).toBe(true)
      return (await auth.getSession())?.did
    })
    expect([after, await visitor.whoIsSignedIn()]).toEqual([bob.did, bob.did])
  })

  it('C12 shows and ends the devices of the active account alone', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    await other.signIn(alice)
    const [device] = await devicesOf(other)
    await visitor.signIn(alice)
    await visitor.signIn(bob)
    expect(await visitor.run((auth) => auth.revokeDevice(device?.deviceId ?? ''))).toBe(false)
    expect(await other.whoIsSignedIn()).toBe(alice.did)
    expect(await devicesOf(visitor)).toMatchObject([{ did: bob.did }])
  })

  it('refuses a visitor', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    expect(await devicesOf(visitor)).toEqual([])
    expect(await refusalOf(visitor.run((auth) => auth.revokeDevice('x')))).toMatchObject({
      code: 'session_ended',
    })
  })

  it('CK-10 signs out everywhere, this browser’s other account excepted', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [here, there] = [app.visit(), app.visit()]
    for (const person of [bob, alice]) await here.signIn(person)
    await there.signIn(alice)
    await here.run((auth) => auth.signOutEverywhere())
    expect([await here.whoIsSignedIn(), await there.whoIsSignedIn()]).toEqual([bob.did, undefined])
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([true, false, false])
  })

  it('signs out here alone when the session of this browser needs a new sign-in', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [here, there] = [app.visit(), app.visit()]
    for (const visitor of [here, there]) await visitor.signIn(alice)
    network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
    await refusalOf(here.run(async (auth) => (await auth.requireSession()).refresh()))
    await here.run((auth) => auth.signOutEverywhere())
    expect([lastingCookies(here.jar).size, await there.whoIsSignedIn()]).toEqual([0, alice.did])
  })
})
