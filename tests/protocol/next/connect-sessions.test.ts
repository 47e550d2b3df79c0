/** The session of a connection: only its id finds it, and it ends alone. */
import { inspect } from 'node:util'
import {
  type InternalStateData,
  OAuthClient,
  type Session,
  type SessionChoice,
} from 'next-atproto-auth/oauth'
import { describe, expect, it, vi } from 'vitest'
import type { SessionLostEvent } from '../../../lib/next/events/hooks.ts'
import { sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { createJsonStore } from '../../support/json-store.ts'
import { createConnectingApp } from '../../support/protocol/connecting-app.ts'
import { SECRET, SESSION_COOKIE } from '../../support/protocol/next-app.ts'
import { approveSignIn, call, createScriptedClient } from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

describe('auth.restore', () => {
  it('finds no connection by the account alone', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    await app.connectAccount(app.visitAs('ann'), alice)
    expect(await refusalOf(app.auth.restore(alice.did))).toMatchObject({ code: 'session_ended' })
  })

  it('prefers a sign-in, however old, and finds each connection by its id', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(alice)
    const signedIn = await visitor.run(async (auth) => (await auth.getSession())?.id)
    const { sessionId } = await app.connectAccount(visitor, alice)
    const connection = await app.auth.restore(alice.did, { sessionId })
    await connection.refresh()
    expect((await app.auth.restore(alice.did)).id).toBe(signedIn)
    expect(connection.id).toBe(sessionId)
  })

  it.each<[string, unknown]>([
    ['missing with all else', null],
    ['undefined', { sessionId: undefined }],
    ['null', { sessionId: null }],
    ['under another name', { session_id: 'x' }],
    ['empty', { sessionId: '' }],
  ])('takes no sign-in of the account instead for a stored connection whose id is %s', async (_, stored) => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    await app.visitAs('bea').signIn(alice)
    const client = await app.auth.client()
    const choice = stored as SessionChoice
    for (const attempt of [
      app.auth.restore(alice.did, choice),
      client.restore(alice.did, false, choice),
      client.exportSession(alice.did, choice),
    ]) {
      const refusal = await refusalOf(attempt)
      expect(refusal).toBeInstanceOf(TypeError)
      expect(refusal.message).toMatch('sessionId')
    }
  })

  it('gives a connection to no other account', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const { sessionId } = await app.connectAccount(app.visitAs('ann'), alice)
    expect(await refusalOf(app.auth.restore(bob.did, { sessionId }))).toMatchObject({ code: 'session_ended' })
  })
})

describe('auth.disconnect', () => {
  it('ends that connection alone, and revokes its tokens', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(alice)
    const [first, second] = [
      await app.connectAccount(visitor, alice),
      await app.connectAccount(visitor, alice),
    ]
    expect(await app.auth.disconnect(alice.did, first)).toBe(true)
    expect(await refusalOf(app.auth.restore(alice.did, first))).toMatchObject({ code: 'session_ended' })
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([true, false, true])
    expect(await call(await app.auth.restore(alice.did, second))).toBe(200)
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  it('does nothing when it has ended, or belongs to another account', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const connection = await app.connectAccount(app.visitAs('ann'), alice)
    expect(await app.auth.disconnect(bob.did, connection)).toBe(false)
    expect(await call(await app.auth.restore(alice.did, connection))).toBe(200)
    await app.auth.disconnect(alice.did, connection)
    expect(await app.auth.disconnect(alice.did, connection)).toBe(false)
  })

  it('ends one that needs a new connection, too', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const connection = await app.connectAccount(app.visitAs('ann'), alice)
    const { grants } = network.home.as
    grants.revoke(grants.all[0]?.refreshToken ?? '')
    await refusalOf((await app.auth.restore(alice.did, connection)).refresh())
    expect(await app.auth.disconnect(alice.did, connection)).toBe(true)
    expect(await (await app.auth.client()).listSessions(alice.did)).toEqual([])
  })

  it('says that the server was not told when it is down, and nothing when it was', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const [first, second] = [
      await app.connectAccount(visitor, alice),
      await app.connectAccount(visitor, alice),
    ]
    await app.auth.disconnect(alice.did, first)
    expect(app.lines).toEqual([])
    network.home.as.answer('/oauth/revoke', { drop: true })
    expect(await app.auth.disconnect(alice.did, second)).toBe(true)
    expect(app.lines).toEqual([
      `A session of ${alice.did} was ended, but the server was not told: its tokens work until they end by themselves.`,
    ])
  })

  it('refuses the id of a sign-in, which stays', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visit()
    await visitor.signIn(alice)
    const { id } = await app.auth.restore(alice.did)
    const refusal = await refusalOf(app.auth.disconnect(alice.did, { sessionId: id }))
    expect(refusal).toBeInstanceOf(TypeError)
    expect(refusal.message).not.toContain(id)
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  it.each([
    ['ann', 'connection.x'],
    ['', 'connection.x'],
    [alice.did, ''],
    [alice.did, undefined],
  ])('takes no %j with the id %j', async (did, sessionId) => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const choice = { sessionId: sessionId as string }
    expect(await refusalOf(app.auth.disconnect(did, choice))).toBeInstanceOf(TypeError)
  })
})

describe('a connection that was lost', () => {
  it.each([
    ['a connection', true],
    ['a sign-in', false],
  ])('names the session to the application: %s', async (_, isConnection) => {
    await using network = await startScriptedNetwork()
    const lost: SessionLostEvent[] = []
    const app = createConnectingApp(network, { onSessionLost: (event) => lost.push(event) })
    const visitor = app.visitAs('ann')
    if (isConnection) await app.connectAccount(visitor, alice)
    else await visitor.signIn(alice)
    const session = isConnection
      ? await app.auth.restore(alice.did, app.connections[0])
      : await app.auth.restore(alice.did)
    const { grants } = network.home.as
    grants.revoke(grants.all[0]?.refreshToken ?? '')
    await refusalOf(session.refresh())
    await vi.waitFor(() => expect(lost).toHaveLength(1))
    expect(lost[0]).toMatchObject({ did: alice.did, sessionId: session.id, isConnection })
    expect(lost[0]?.cause.reason).toBe('revoked')
    expect(`${JSON.stringify(lost)} ${inspect(lost, { depth: 9 })}`).not.toContain(session.id)
    const said = `A connection was lost: ${alice.did} has to be connected again (revoked).`
    expect(app.lines).toEqual(isConnection ? [said] : [])
  })

  it('is said three times a minute at most', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    for (let n = 0; n < 8; n += 1) await app.connectAccount(visitor, alice)
    for (const { refreshToken } of network.home.as.grants.all) network.home.as.grants.revoke(refreshToken)
    for (const connection of app.connections)
      await refusalOf((await app.auth.restore(alice.did, connection)).refresh())
    const further = 'A connection was lost: further ones are not logged in this minute.'
    await vi.waitFor(() => expect(app.lines).toContain(further))
    // Those of other tests count too, and a minute may have ended in between.
    expect(app.lines.filter((line) => line.includes('has to be connected again')).length).toBeLessThan(7)
  })
})

describe('the devices and the sign-out of an account', () => {
  it('C12 neither list nor end its connections', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(alice)
    const connection = await app.connectAccount(visitor, alice)
    const client = await app.auth.client()
    const deviceId = (await client.describeSession(connection.sessionId))?.deviceId ?? ''
    const devices = await visitor.run((auth) => auth.listDevices())
    expect(devices.map(({ isCurrent, isConnection }) => [isCurrent, isConnection])).toEqual([[true, false]])
    expect(await visitor.run((auth) => auth.revokeDevice(deviceId))).toBe(false)
    await visitor.run((auth) => auth.signOutEverywhere())
    expect(await call(await app.auth.restore(alice.did, connection))).toBe(200)
    expect((await client.listSessions(alice.did)).map(({ isConnection }) => isConnection)).toEqual([true])
  })

  it('C12 end them where signOutEverywhere is told to, and those of no other account', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const [hers, his] = [await app.connectAccount(visitor, alice), await app.connectAccount(visitor, bob)]
    await visitor.signIn(alice)
    await visitor.run((auth) => auth.signOutEverywhere({ connections: true }))
    expect(await refusalOf(app.auth.restore(alice.did, hers))).toMatchObject({ code: 'session_ended' })
    expect(await call(await app.auth.restore(bob.did, his))).toBe(200)
  })

  it('C12 leave them where a form signs out everywhere', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(alice)
    const connection = await app.connectAccount(visitor, alice)
    await visitor.post('/oauth/logout', { everywhere: '1', connections: '1' })
    expect(await call(await app.auth.restore(alice.did, connection))).toBe(200)
  })
})

describe('a session cookie that names a connection', () => {
  it.each([
    ['alone', (connection: string) => [connection] as const],
    ['as the active one', (connection: string, own: string) => [connection, own] as const],
    ['behind another account', (connection: string, own: string) => [own, connection] as const],
  ])('CK-2 signs nobody in: %s', async (_, idsOf) => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(bob)
    const own = (await app.auth.restore(bob.did)).id
    const { sessionId } = await app.connectAccount(visitor, alice)
    const sessionIds = idsOf(sessionId, own)
    const did = sessionIds[0] === sessionId ? alice.did : bob.did
    visitor.jar.set(SESSION_COOKIE, await sealSessionCookie({ did, sessionIds }, [SECRET], 3_600))
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
    expect(await visitor.run((auth) => auth.listAccounts())).toEqual([])
    expect(await visitor.run((auth) => auth.getSessionStatus())).toEqual({ kind: 'none' })
    await visitor.post('/oauth/switch', { did: alice.did })
    await visitor.post('/oauth/logout', { all: '1' })
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
    expect(await call(await app.auth.restore(alice.did, { sessionId }))).toBe(200)
  })
})

describe('OAuthClient', () => {
  it('ends all sessions of an account, only its connections, or only its sign-ins', async () => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const begin = async (isConnection: boolean) =>
      client.callback(await approveSignIn(network, client), { isConnection })
    const kinds = async () =>
      (await client.listSessions(alice.did)).map(({ isConnection }) => isConnection).sort()
    for (const isConnection of [true, false, true]) await begin(isConnection)
    expect(await kinds()).toEqual([false, true, true])
    await client.revoke(alice.did, { isConnection: true })
    expect(await kinds()).toEqual([false])
    await begin(true)
    await client.revoke(alice.did, { isConnection: false })
    expect(await kinds()).toEqual([true])
    await client.revoke(alice.did)
    expect(await kinds()).toEqual([])
  })

  it('makes no connection on stores that keep one session for each account, and uses up nothing', async () => {
    await using network = await startScriptedNetwork()
    const client = new OAuthClient({
      clientMetadata: createScriptedClient(network).clientMetadata,
      localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
      now: network.now,
      stateStore: createJsonStore<InternalStateData>().store,
      sessionStore: createJsonStore<Session>().store,
    })
    const params = await approveSignIn(network, client)
    const refusal = await refusalOf(client.callback(params, { isConnection: true }))
    expect(refusal).toBeInstanceOf(TypeError)
    expect((await client.callback(params)).session.did).toBe(alice.did)
  })

  it('exports a connection by its id alone', async () => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const params = await approveSignIn(network, client)
    const { session } = await client.callback(params, { isConnection: true })
    expect(await refusalOf(client.exportSession(alice.did))).toMatchObject({ code: 'session_ended' })
    const exported = await client.exportSession(alice.did, { sessionId: session.id })
    expect(exported.tokenSet.sub).toBe(alice.did)
  })
})
