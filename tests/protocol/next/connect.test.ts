/** `auth.connect()`: an account is connected to a user of the application, beside its own sign-in. */
import { describe, expect, it } from 'vitest'
import { signInErrorMessage } from '../../../lib/web/sign-in-error.ts'
import {
  approve,
  comeBack,
  createConnectingApp,
  hasSessionCookie,
  PAGE,
} from '../../support/protocol/connecting-app.ts'
import { createNextApp, foreignForm, ORIGIN, ownForm } from '../../support/protocol/next-app.ts'
import { call } from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

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
    expect([...visitor.jar.keys()]).toEqual(['user'])
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
    expect(await visitor.run((auth) => auth.listAccounts())).toEqual([])
  })

  it('leaves the accounts that are signed in in the browser as they are', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    await visitor.signIn(bob)
    const before = new Map(visitor.jar)
    await app.connectAccount(visitor, alice)
    await app.connectAccount(visitor, bob)
    expect(visitor.jar).toEqual(before)
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
    const app = createConnectingApp(network, {
      connect: { currentUser: () => 'canary-user', onConnected: () => undefined },
    })
    const visitor = app.visit()
    const { location, callback } = await app.begin(visitor, alice, { link: 'canary-user' })
    const cookies = visitor.header()
    expect(await comeBack(visitor, callback)).toBe(PAGE)
    const sent = network.requests.map(({ target, headers, body }) => [target, headers, body.toString()])
    expect(JSON.stringify([location, callback, cookies, sent, app.lines])).not.toContain('canary-user')
  })
})

describe('a connection that cannot start', () => {
  it('shows the page with what went wrong and what was typed, before its fragment', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const { location } = await app.connect(app.visitAs('ann'), 'not a handle')
    expect(location).toBe('/settings?tab=accounts&error=invalid_identifier&identifier=not+a+handle#bluesky')
  })

  it('shows only the newest failure', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const returnTo = '/settings?error=user_mismatch&identifier=old'
    const { location } = await app.connect(app.visitAs('ann'), 'nobody.test', { returnTo })
    expect(location).toBe('/settings?error=identity_not_found&identifier=nobody.test')
  })

  it('gives the failure to a form that shows it itself', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const fields = { identifier: 'nobody.test', link: 'ann' }
    const { result } = await app
      .visitAs('ann')
      .act((auth) => auth.connect(fields, { redirectOnFailure: false }))
    expect(result).toEqual({
      error: 'identity_not_found',
      message: signInErrorMessage('identity_not_found'),
      identifier: 'nobody.test',
    })
  })

  it('SF-5 counts towards the limits of sign-ins', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network, { loginLimits: { overall: 2 } })
    const visitor = app.visitAs('ann')
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
    expect(begun.headers.get('location')).toContain('/oauth/authorize?')
    expect((await app.connect(visitor, alice.handle)).location).toContain('/oauth/authorize?')
    expect((await app.connect(visitor, alice.handle)).location).toContain('error=too_many_attempts')
  })

  it('X6 returns to no other site', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const elsewhere = { returnTo: '//evil.dev/' }
    const { callback } = await app.begin(visitor, alice, elsewhere)
    expect(await comeBack(visitor, callback)).toBe('/')
    const { location } = await app.connect(visitor, 'nobody.test', elsewhere)
    expect(location).toBe('/?error=identity_not_found&identifier=nobody.test')
  })

  it('X5 refuses a request that another site’s page caused, and asks no server', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const attempt = app
      .visitAs('ann')
      .run((auth) => auth.connect({ identifier: alice.handle, link: 'ann' }), { headers: foreignForm })
    expect(await refusalOf(attempt)).toMatchObject({ code: 'request_refused' })
    expect(network.requests).toEqual([])
  })

  it('begins nothing while a page is rendered, which could not remember it', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createConnectingApp(network).visitAs('ann')
    const fields = { identifier: alice.handle, link: 'ann' }
    await expect(visitor.run((auth) => auth.connect(fields), { phase: 'render' })).rejects.toThrow(TypeError)
    expect([...visitor.jar.keys()]).toEqual(['user'])
  })

  it('LB-4 sends a browser at localhost to 127.0.0.1 first, with what was typed', async () => {
    await using network = await startScriptedNetwork()
    const headers = { ...ownForm, host: 'localhost:3000', origin: 'http://localhost:3000' }
    const { location } = await createConnectingApp(network)
      .visitAs('ann')
      .act((auth) => auth.connect({ identifier: alice.handle, link: 'ann', returnTo: '/settings' }), {
        headers,
      })
    expect(location).toBe(`${ORIGIN}/settings?identifier=${alice.handle}`)
    expect(network.requests).toEqual([])
  })

  it('is a clear error without the option, and asks no server', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const refusal = await refusalOf(
      visitor.run((auth) => auth.connect({ identifier: alice.handle, link: 'ann' })),
    )
    expect(refusal).toMatchObject({ code: 'configuration' })
    expect(refusal.message).toMatch('createAtprotoAuth({ connect: { currentUser, onConnected } })')
    expect(network.requests).toEqual([])
  })

  it.each<[string, unknown]>([
    ['empty', ''],
    ['longer than 512 characters', 'x'.repeat(513)],
    ['missing', undefined],
    ['null', null],
    ['a number', 7],
  ])('takes no link that is %s', async (_, link) => {
    await using network = await startScriptedNetwork()
    const visitor = createConnectingApp(network).visitAs('ann')
    const fields = { identifier: alice.handle, link: link as string }
    const refusal = await refusalOf(visitor.run((auth) => auth.connect(fields)))
    expect(refusal).toBeInstanceOf(TypeError)
    expect(refusal.message).toMatch('never from a form')
    expect(network.requests).toEqual([])
  })

  it('takes a link of 512 characters', async () => {
    await using network = await startScriptedNetwork()
    const link = 'ü'.repeat(512)
    const told: string[] = []
    const app = createConnectingApp(network, {
      connect: { currentUser: () => link, onConnected: (event) => told.push(event.link) },
    })
    const visitor = app.visit()
    const { callback } = await app.begin(visitor, alice, { link })
    await comeBack(visitor, callback)
    expect(told).toEqual([link])
  })
})

describe('a connection that is not finished', () => {
  it('shows the page with the reason when the person declines', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { location = '' } = await app.connect(visitor, alice.handle)
    const { pathname, search } = network.home.as.fail(new URL(location), 'access_denied')
    expect(await comeBack(visitor, pathname + search)).toBe(
      '/settings?tab=accounts&error=access_denied#bluesky',
    )
    expect(app.connections).toEqual([])
  })

  it('shows the page with the reason when another account came back than the one named', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { location = '' } = await app.connect(visitor, alice.handle)
    expect(await comeBack(visitor, approve(network, location, bob.did))).toContain('error=account_mismatch')
    expect(app.connections).toEqual([])
    expect(hasSessionCookie(visitor)).toBe(false)
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([false])
  })

  it('says that it is not set up when the option is gone, and uses no code', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createConnectingApp(network).visitAs('ann')
    const { location = '' } = await visitor.act((auth) =>
      auth.connect({ identifier: alice.handle, link: 'ann' }),
    )
    const without = createConnectingApp(network, { connect: undefined }).visit(visitor.jar)
    expect(await comeBack(without, approve(network, location, alice.did))).toBe(
      '/oauth/login?error=configuration',
    )
    expect(network.home.as.grants.all).toEqual([])
  })
})
