/** An application under Next's `basePath`: what it writes goes without, what browsers get goes with it. */

import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { lastingCookies } from '../../support/browser.ts'
import { createNextApp, navigation, ORIGIN, ownForm, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'

const publicUrl = `${ORIGIN}/shop`
const SESSION_COOKIE = 'atproto-session-3000.shop'

const redirectOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'digest' in error ? String(error.digest) : undefined),
  )

describe('under a base path', () => {
  it('a sign-in leads to the page that was asked for', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl }).visit()
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle, returnTo: '/account?a=1' })
    expect(network.sent('/oauth/par').at(-1)?.form.get('redirect_uri')).toBe(`${publicUrl}/oauth/callback`)
    const back = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), alice.did)
    expect(back.pathname).toBe('/shop/oauth/callback')
    // Next's route handlers see it without the base path.
    const response = await visitor.get(`/oauth/callback${back.search}`)
    expect(response.headers.get('location')).toBe('/shop/account?a=1')
    expect([...lastingCookies(visitor.jar).keys()]).toEqual([SESSION_COOKIE])
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    const out = await visitor.post('/oauth/logout', {})
    expect([out.status, out.headers.get('location')]).toEqual([303, '/shop/'])
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
  })

  it('a connection leads to the page that began it, also when it fails', async () => {
    await using network = await startScriptedNetwork()
    const connect = { currentUser: () => 'ann', onConnected: () => undefined }
    const visitor = createNextApp(network, { publicUrl, connect }).visit()
    const begin = (identifier: string) =>
      visitor.act((auth) => auth.connect({ identifier, link: 'ann', returnTo: '/account?a=1' }))
    expect(withoutReference((await begin('nobody.test')).location)).toBe(
      `${publicUrl}/account?a=1&error=identity_not_found&identifier=nobody.test`,
    )
    const back = async (answer: (url: URL) => URL) => {
      const { location = '' } = await begin(alice.handle)
      const { headers } = await visitor.get(`/oauth/callback${answer(new URL(location)).search}`)
      return withoutReference(headers.get('location'))
    }
    expect(await back((url) => network.home.as.approve(url, alice.did))).toBe('/shop/account?a=1')
    expect(await back((url) => network.home.as.fail(url, 'access_denied'))).toBe(
      '/shop/account?a=1&error=access_denied',
    )
  })

  it('an error leads to the sign-in page', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl, signInPage: '/sign-in' }).visit()
    const response = await visitor.get('/oauth/callback?error=access_denied&state=x')
    expect(response.headers.get('location')).toMatch(/^\/shop\/sign-in\?error=/)
  })

  it('the form of the plain sign-in page is sent to the handlers', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl }).visit()
    const html = await (await visitor.get('/oauth/login?returnTo=/account')).text()
    expect(html).toContain('action="/shop/oauth/login"')
    expect(html).toContain('value="/account"')
  })

  it('LB-4: a browser at localhost is sent to 127.0.0.1, base path and all', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl }).visit()
    const response = await visitor.get('/oauth/login', { ...navigation, host: 'localhost:3000' })
    expect(response.headers.get('location')).toBe(`${publicUrl}/oauth/login`)
  })

  it('LB-4: a page at localhost leads to the same page at 127.0.0.1, base path and all', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl }).visit()
    const moving = '/oauth/login?changeHost=1&returnTo=%2Faccount'
    const first = await visitor.get(moving, { ...navigation, host: 'localhost:3000' })
    const second = `${publicUrl}/oauth/login?changeHost=2&returnTo=%2Faccount`
    expect(first.headers.get('location')).toBe(second)
    const last = await visitor.get(second.replace(publicUrl, ''))
    expect(last.headers.get('location')).toBe('/shop/account')
  })

  it('CK-6: a form counts as the own one by its origin, which has no path', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl }).visit()
    const { origin } = ownForm
    expect((await visitor.post('/oauth/logout', {}, { origin })).status).toBe(303)
    expect((await visitor.post('/oauth/logout', {}, { origin: publicUrl })).status).toBe(403)
  })

  it('requireSession redirects to a whole URL, because Next forgets its base path in route handlers', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { publicUrl }).visit()
    const digest = await redirectOf(
      visitor.run(({ requireSession }) => requireSession({ returnTo: '/account' })),
    )
    expect(digest).toContain(`;${publicUrl}/oauth/login?returnTo=%2Faccount;`)
  })

  it('without one requireSession redirects to a path, so that any Host will do', async () => {
    await using network = await startScriptedNetwork()
    const digest = await redirectOf(
      createNextApp(network)
        .visit()
        .run(({ requireSession }) => requireSession({ returnTo: '/account' })),
    )
    expect(digest).toContain(';/oauth/login?returnTo=%2Faccount;')
  })
})

describe('applications on one host whose base paths look alike', () => {
  const createAt = (network: ScriptedNetwork, basePath: string, store = createMemoryStore()) =>
    createNextApp(network, { publicUrl: ORIGIN + basePath, store })

  /** Signs in at an application, in a browser of that application's own. */
  async function signInAt(network: ScriptedNetwork, visitor: Visitor): Promise<void> {
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
    const back = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), alice.did)
    await visitor.get(`/oauth/callback${back.search}`)
  }

  it('do not sign each other out', async () => {
    await using network = await startScriptedNetwork()
    const one = createAt(network, '/a-b').visit()
    await signInAt(network, one)
    const other = createAt(network, '/a/b').visit(one.jar)
    await signInAt(network, other)
    await other.post('/oauth/logout')
    one.jar.clear()
    for (const [name, value] of other.jar) one.jar.set(name, value)
    expect(await one.whoIsSignedIn()).toBe(alice.did)
  })

  it('take a cookie under the name that 0.1.0 gave it, and give it its present one', async () => {
    await using network = await startScriptedNetwork()
    const store = createMemoryStore()
    const visitor = createAt(network, '/a-b', store).visit()
    await signInAt(network, visitor)
    const value = visitor.jar.get('atproto-session-3000.a_2db') ?? ''
    visitor.jar.clear()
    visitor.jar.set('atproto-session-3000.a.b', value)
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    await visitor.get('/oauth/login')
    expect([...visitor.jar.keys()]).toEqual(['atproto-session-3000.a_2db'])
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  it('leave a cookie under that name alone whose session is the other application’s, also with one secret', async () => {
    await using network = await startScriptedNetwork()
    const store = createMemoryStore()
    const theirs = createAt(network, '/a/b', store).visit()
    await signInAt(network, theirs)
    const before = new Map(lastingCookies(theirs.jar))
    const mine = createAt(network, '/a-b', store).visit(before)
    expect(await mine.whoIsSignedIn()).toBeUndefined()
    await mine.get('/oauth/login')
    expect(mine.jar).toEqual(before)
  })
})
