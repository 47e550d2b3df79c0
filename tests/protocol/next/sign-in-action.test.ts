/** `auth.signIn()` in an application's own server action. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { signInErrorMessage } from '../../../lib/web/sign-in-error.ts'
import { createNextApp, foreignForm, navigation, ORIGIN, ownForm } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { refusalOf } from '../../support/refusal.ts'

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

/** Where a browser goes that the server sent back after a consent. */
function approved(network: ScriptedNetwork, location = ''): string {
  const { pathname, search } = network.home.as.approve(new URL(location), alice.did)
  return pathname + search
}

describe('auth.signIn in a server action', () => {
  const inputs = {
    'a form': formOf({ identifier: alice.handle, returnTo: '/compose?draft=1' }),
    options: { identifier: alice.did, returnTo: '/compose?draft=1' },
  }
  it.each(Object.entries(inputs))('CK-4 begins from %s and ends where it was asked to', async (_, input) => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const { location } = await visitor.act((auth) => auth.signIn(input))
    expect(location).toMatch(`${network.home.as.origin}/oauth/authorize?`)
    const fromServer = { ...navigation, 'sec-fetch-site': 'cross-site' }
    const back = await visitor.get(approved(network, location), fromServer)
    expect([back.status, back.headers.get('location')]).toEqual([303, '/compose?draft=1'])
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })

  it('CB-2 binds the sign-in to this browser: another one with the same callback URL is refused', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [visitor, other] = [app.visit(), app.visit()]
    const { location } = await visitor.act((auth) => auth.signIn({ identifier: alice.handle }))
    const callback = approved(network, location)
    const refused = await other.get(callback)
    expect(withoutReference(refused.headers.get('location'))).toBe('/oauth/login?error=state_mismatch')
    expect(await other.whoIsSignedIn()).toBeUndefined()
    expect((await visitor.get(callback)).headers.get('location')).toBe('/')
  })

  it('shows the sign-in page with what went wrong and what was typed', async () => {
    await using network = await startScriptedNetwork()
    const { location } = await createNextApp(network, { signInPage: '/sign-in' })
      .visit()
      .act((auth) => auth.signIn(formOf({ identifier: 'not a handle', returnTo: '/compose' })))
    expect(withoutReference(location)).toBe(
      '/sign-in?error=invalid_identifier&identifier=not+a+handle&returnTo=%2Fcompose',
    )
  })

  it.each([
    ['b\u00fccher.example', 'identifier_in_other_letters'],
    ['alice@example.com', 'identifier_is_email'],
    ['https://evil.dev/profile/alice.test', 'identifier_is_web_address'],
  ])('says what %s is instead of a handle, and asks nobody', async (identifier, code) => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const answer = await visitor.post('/oauth/login', { identifier })
    const location = answer.headers.get('location') ?? ''
    expect(location).toContain(`error=${code}&`)
    expect(await (await visitor.get(location)).text()).toContain(signInErrorMessage(code))
    expect(network.requests).toEqual([])
  })

  it('takes the handle out of the address of a profile page', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const identifier = `https://bsky.app/profile/${alice.handle}/post/3l6oveex3ii2l`
    const answer = await visitor.post('/oauth/login', { identifier })
    expect(answer.headers.get('location')).toContain(network.home.as.origin)
    expect(network.sent('/oauth/par').at(-1)?.form.get('login_hint')).toBe(alice.handle)
  })

  it('gives the failure to a form that shows it itself', async () => {
    await using network = await startScriptedNetwork()
    const { result } = await createNextApp(network)
      .visit()
      .act((auth) => auth.signIn(formOf({ identifier: 'nobody.test' }), { redirectOnFailure: false }))
    expect(result).toEqual({
      error: 'identity_not_found',
      message: expect.stringContaining('No account was found'),
      identifier: 'nobody.test',
      errorReference: expect.any(String),
    })
  })

  it('shows the sign-in page when the store is down, with what was typed', async () => {
    await using network = await startScriptedNetwork()
    const set = () => Promise.reject(new StoreUnavailableError('The table is missing.'))
    const app = createNextApp(network, { store: { ...createMemoryStore(), set } })
    const { location } = await app.visit().act((auth) => auth.signIn({ identifier: alice.handle }))
    expect(withoutReference(location)).toBe(`/oauth/login?error=store_unavailable&identifier=${alice.handle}`)
  })

  it('X6 takes no address of another site to return to', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const input = formOf({ identifier: alice.handle, returnTo: '//evil.dev/' })
    const { location } = await visitor.act((auth) => auth.signIn(input))
    expect((await visitor.get(approved(network, location))).headers.get('location')).toBe('/')
  })

  it('X5 CK-7 refuses a request that another site’s page caused, and asks no server', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const attempt = visitor.run((auth) => auth.signIn({ identifier: alice.handle }), { headers: foreignForm })
    expect(await refusalOf(attempt)).toMatchObject({ code: 'request_refused' })
    expect(network.requests).toEqual([])
  })

  it('begins nothing while a page is rendered, which could not remember it', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const attempt = visitor.run((auth) => auth.signIn({ identifier: alice.handle }), { phase: 'render' })
    await expect(attempt).rejects.toThrow(TypeError)
    expect(visitor.jar.size).toBe(0)
  })

  it('LB-4 sends a browser at localhost to 127.0.0.1 first, with what was typed and a reason', async () => {
    await using network = await startScriptedNetwork()
    const headers = { ...ownForm, host: 'localhost:3000', origin: 'http://localhost:3000' }
    const { location } = await createNextApp(network)
      .visit()
      .act((auth) => auth.signIn({ identifier: alice.handle }), { headers })
    expect(location).toBe(`${ORIGIN}/oauth/login?error=host_changed&identifier=${alice.handle}`)
    expect(network.requests).toEqual([])
  })
})

describe('signing out and switching with a form', () => {
  it('reads the fields and goes where they say', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    for (const person of [alice, bob]) await visitor.signIn(person)
    const there = formOf({ did: alice.did, returnTo: '/home' })
    expect(await visitor.act((auth) => auth.switchAccount(there))).toEqual({ location: '/home' })
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    const out = formOf({ did: alice.did, returnTo: '/bye' })
    expect(await visitor.act((auth) => auth.signOut(out))).toEqual({ location: '/bye' })
    expect(await visitor.whoIsSignedIn()).toBe(bob.did)
    expect(await visitor.act((auth) => auth.signOut(formOf({})))).toEqual({ result: undefined })
    expect(await visitor.whoIsSignedIn()).toBeUndefined()
  })

  it('X6 goes to no other site', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { afterSignOut: '/bye' }).visit()
    await visitor.signIn(alice)
    const evil = { did: alice.did, returnTo: 'https://evil.dev/' }
    expect(await visitor.act((auth) => auth.switchAccount(evil))).toEqual({ location: '/' })
    expect(await visitor.act((auth) => auth.signOut(formOf(evil)))).toEqual({ location: '/bye' })
  })
})

describe('the address of a server in place of a handle', () => {
  const signUp = (visitor: ReturnType<ReturnType<typeof createNextApp>['visit']>, identifier: string) =>
    visitor.post('/oauth/login', { identifier, prompt: 'create' })

  it('N1 is refused unless the options allow it, and nothing is asked', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const { location } = await visitor.act((auth) => auth.signIn({ identifier: network.home.pds.origin }))
    expect(location).toContain('error=identifier_is_web_address')
    for (const identifier of [network.home.pds.origin, alice.handle]) {
      const answer = await signUp(visitor, identifier)
      expect(answer.headers.get('location')).toContain('error=invalid_identifier')
    }
    expect(network.requests).toEqual([])
  })

  it('creates an account at a listed host, and at no other', async () => {
    await using network = await startScriptedNetwork()
    const { origin } = network.home.pds
    const visitor = createNextApp(network, { signUpHosts: [`${origin}/`] }).visit()
    const answer = await signUp(visitor, origin)
    expect(answer.headers.get('location')).toMatch(`${network.home.as.origin}/oauth/authorize?`)
    expect(network.sent('/oauth/par').at(-1)?.form.get('prompt')).toBe('create')
    const back = await visitor.get(approved(network, answer.headers.get('location') ?? ''))
    expect(back.headers.get('location')).toBe('/')
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
    expect((await signUp(visitor, 'https://other.example.com')).headers.get('location')).toContain(
      'error=invalid_identifier',
    )
  })

  it('leads no one to enter a new password at a server of an attacker, also where all servers may sign in', async () => {
    await using network = await startScriptedNetwork()
    const { origin } = network.home.pds
    const visitor = createNextApp(network, { allowServerAddress: true }).visit()
    for (const identifier of [origin, alice.handle, alice.did, ''])
      expect((await signUp(visitor, identifier)).headers.get('location')).toContain(
        'error=invalid_identifier',
      )
    expect(network.sent('/oauth/par')).toEqual([])
  })

  it('waits for a sign-up longer than for a sign-in: it may hang on an e-mail', async () => {
    await using network = await startScriptedNetwork()
    const { origin } = network.home.pds
    const visitor = createNextApp(network, { signUpHosts: [origin] }).visit()
    const answer = await signUp(visitor, origin)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 45 * 60_000 })
    onTestFinished(() => void vi.useRealTimers())
    const back = await visitor.get(approved(network, answer.headers.get('location') ?? ''))
    expect(back.headers.get('location')).toBe('/')
  })

  it('offers the listed hosts on the plain page, with where to go afterwards', async () => {
    await using network = await startScriptedNetwork()
    const app = createNextApp(network, { signUpHosts: ['https://pds.example.com'] })
    const html = await (await app.visit().get('/oauth/login?returnTo=/compose')).text()
    expect(html).toContain('Create an account at pds.example.com')
    expect(html.match(/name="returnTo" value="\/compose"/g)).toHaveLength(2)
  })

  it('signs in at any server where the options say so', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network, { allowServerAddress: true }).visit()
    const { location } = await visitor.act((auth) => auth.signIn({ identifier: network.home.pds.origin }))
    await visitor.get(approved(network, location))
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  })
})
