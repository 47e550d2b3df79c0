/** A connection that cannot start or is not finished: what the browser is shown, and that nothing is asked or kept. */
import { describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { connectErrorMessage } from '../../../lib/web/sign-in-error.ts'
import {
  approve,
  comeBack,
  createConnectingApp,
  hasSessionCookie,
} from '../../support/protocol/connecting-app.ts'
import { createNextApp, foreignForm, ORIGIN, ownForm } from '../../support/protocol/next-app.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { refusalOf } from '../../support/refusal.ts'

describe('a connection that cannot start', () => {
  it('shows the page with what went wrong and what was typed, before its fragment', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const { location } = await app.connect(app.visitAs('ann'), 'not a handle')
    expect(withoutReference(location)).toBe(
      '/settings?tab=accounts&error=invalid_identifier&identifier=not+a+handle#bluesky',
    )
  })

  it('shows only the newest failure', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const returnTo = '/settings?error=user_mismatch&identifier=old'
    const { location } = await app.connect(app.visitAs('ann'), 'nobody.test', { returnTo })
    expect(withoutReference(location)).toBe('/settings?error=identity_not_found&identifier=nobody.test')
  })

  it('shows a page of any length that may be returned to', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const returnTo = `/settings?${'x'.repeat(2_000)}=1`
    const { location } = await app.connect(app.visitAs('ann'), 'nobody.test', { returnTo })
    expect(withoutReference(location)).toBe(`${returnTo}&error=identity_not_found&identifier=nobody.test`)
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
      message: connectErrorMessage('identity_not_found'),
      errorReference: expect.any(String),
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
    expect(withoutReference(location)).toBe('/?error=identity_not_found&identifier=nobody.test')
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

  it('shows the page when the store is down, with what was typed and a reference of the log', async () => {
    await using network = await startScriptedNetwork()
    const set = () => Promise.reject(new StoreUnavailableError('The table is missing.'))
    const app = createConnectingApp(network, { store: { ...createMemoryStore(), set } })
    const { location } = await app.connect(app.visitAs('ann'), alice.handle)
    expect(withoutReference(location)).toBe(
      `/settings?tab=accounts&error=store_unavailable&identifier=${alice.handle}#bluesky`,
    )
    const reference = new URL(location ?? '', ORIGIN).searchParams.get('errorReference')
    expect(app.lines).toEqual([
      `A connection could not start: store_unavailable: The table is missing. (reference=${reference})`,
    ])
  })

  it('LB-4 sends a browser at localhost to 127.0.0.1 first, with what was typed and a reason', async () => {
    await using network = await startScriptedNetwork()
    const headers = { ...ownForm, host: 'localhost:3000', origin: 'http://localhost:3000' }
    const app = createConnectingApp(network)
    const { location } = await app
      .visitAs('ann')
      .act((auth) => auth.connect({ identifier: alice.handle, link: 'ann', returnTo: '/settings' }), {
        headers,
      })
    expect(location).toBe(`${ORIGIN}/settings?error=host_changed&identifier=${alice.handle}`)
    expect(app.lines).toEqual([
      expect.stringContaining(`open the application at ${ORIGIN}, and sign in there`),
    ])
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
