/** The session cookie on its way: two of the name, older secrets, a store that is down. */

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { openSessionCookie, sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { lastingCookies } from '../../support/browser.ts'
import {
  createNextApp,
  navigation,
  ORIGIN,
  ownForm,
  SECRET,
  SESSION_COOKIE,
} from '../../support/protocol/next-app.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const NEWER = 'Qw8!nR3@vB6#mK1$zX9%cL4^tJ7&hG2*'
const CLEARED = `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`
const action = { ...ownForm, 'next-action': 'a'.repeat(40) }

describe('two session cookies in one request (cookie tossing)', () => {
  /** Alice’s own cookie beside mallory’s, in either order. */
  async function toss(order: 'evil first' | 'evil last') {
    const network = await startScriptedNetwork()
    const app = createNextApp(network)
    const [victim, mallory] = [app.visit(), app.visit()]
    await victim.signIn(alice)
    await mallory.signIn(bob)
    const cookies = [mallory.header(), victim.header()]
    return { network, app, victim, cookie: (order === 'evil first' ? cookies : cookies.reverse()).join('; ') }
  }

  it.each(['evil first', 'evil last'] as const)('C5 sign nobody in: %s', async (order) => {
    const { network, app, victim, cookie } = await toss(order)
    await using _ = network
    const seen = await victim.run(
      async (auth) => [await auth.getSession(), await auth.listAccounts(), await auth.getSessionStatus()],
      { phase: 'render', headers: { ...ownForm, cookie } },
    )
    expect(seen).toEqual([null, [], { kind: 'none' }])
    expect(await app.visit(victim.jar).whoIsSignedIn()).toBe(alice.did)
  })

  it('C5 are removed by the next answer that may set a cookie', async () => {
    const { network, victim, cookie } = await toss('evil first')
    await using _ = network
    for (const path of ['/oauth/login', '/oauth/callback?x=y']) {
      const { headers } = await victim.get(path, { ...navigation, cookie })
      expect(headers.getSetCookie()).toEqual([CLEARED])
    }
    const { headers } = await victim.post('/oauth/logout', {}, { ...ownForm, cookie })
    expect(headers.getSetCookie()).toEqual([CLEARED])
    expect(network.sent('/oauth/revoke')).toEqual([])
  })

  it('C5 are removed in a server action that asks for the session', async () => {
    const { network, victim, cookie } = await toss('evil first')
    await using _ = network
    await victim.run((auth) => auth.getSession(), { headers: { ...action, cookie } })
    expect(lastingCookies(victim.jar).size).toBe(0)
  })

  it('X3 set no cookie on a document for everybody', async () => {
    const { network, app, victim, cookie } = await toss('evil first')
    await using _ = network
    const metadata = new Request(`${ORIGIN}/oauth-client-metadata.json`, { headers: { cookie } })
    const answers = [
      await app.auth.handlers.clientMetadata.GET(metadata),
      await victim.get('/oauth/jwks.json', { cookie }),
      await victim.get('/oauth/login', { ...navigation, cookie, purpose: 'prefetch' }),
    ]
    for (const { headers } of answers) expect(headers.getSetCookie()).toEqual([])
  })
})

describe('a cookie that names another account than its session has', () => {
  it('opens no session, shows no account and lists none', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    await visitor.signIn(bob)
    const own = await openSessionCookie(visitor.jar.get(SESSION_COOKIE) ?? '', [SECRET])
    const forged = await sealSessionCookie(
      { did: alice.did, sessionIds: own?.sessionIds ?? [''] },
      [SECRET],
      60,
    )
    const seen = await visitor.run(
      async (auth) => [await auth.getSession(), await auth.listAccounts(), await auth.getSessionStatus()],
      { phase: 'render', headers: { ...ownForm, cookie: `${SESSION_COOKIE}=${forged}` } },
    )
    expect(seen).toEqual([null, [], { kind: 'none' }])
    expect(await visitor.whoIsSignedIn()).toBe(bob.did)
  })
})

describe('a cookie that was sealed with an older secret', () => {
  async function rotate() {
    const network = await startScriptedNetwork()
    const store = createMemoryStore()
    const before = createNextApp(network, { store }).visit()
    await before.signIn(alice)
    const visitor = createNextApp(network, { store, secret: [NEWER, SECRET] }).visit(before.jar)
    const opensWithNewer = async () =>
      (await openSessionCookie(visitor.jar.get(SESSION_COOKIE) ?? '', [NEWER])) !== undefined
    return { network, store, visitor, opensWithNewer }
  }

  it('C6 is sealed anew by any page of the handlers, and nobody is signed out', async () => {
    const { network, store, visitor, opensWithNewer } = await rotate()
    await using _ = network
    expect([await visitor.whoIsSignedIn(), await opensWithNewer()]).toEqual([alice.did, false])
    const { headers } = await visitor.get('/oauth/login')
    expect(headers.getSetCookie()).toHaveLength(1)
    expect(await opensWithNewer()).toBe(true)
    expect((await visitor.get('/oauth/login')).headers.getSetCookie()).toEqual([])
    // The row as well as the cookie: both were sealed with the older secret.
    const both = createNextApp(network, { store, secret: [NEWER, SECRET] })
    expect(await both.visit(visitor.jar).whoIsSignedIn()).toBe(alice.did)
  })

  it('C6 is sealed anew in a server action that asks for the session, which stays one and the same', async () => {
    const { network, visitor, opensWithNewer } = await rotate()
    await using _ = network
    const same = await visitor.run(
      async (auth, request) => {
        const first = await auth.getSession()
        const second = await auth.getSession()
        request.startRender()
        return first !== null && first === second && first === (await auth.getSession())
      },
      { headers: action },
    )
    expect([same, await opensWithNewer()]).toEqual([true, true])
  })

  it('C6 X3 is left as it is where the answer may be cached: in a page and in a route handler', async () => {
    const { network, visitor, opensWithNewer } = await rotate()
    await using _ = network
    await visitor.run((auth) => auth.getSession(), { phase: 'render' })
    await visitor.run((auth) => auth.getSession(), { headers: ownForm })
    await visitor.run((auth) => auth.getSession(), { phase: 'render', headers: action })
    expect(await opensWithNewer()).toBe(false)
  })

  it('C6 is a visitor’s once that secret is removed', async () => {
    const { network, store, visitor } = await rotate()
    await using _ = network
    const later = createNextApp(network, { store, secret: NEWER }).visit(visitor.jar)
    expect(await later.whoIsSignedIn()).toBeUndefined()
    expect((await later.get('/oauth/login')).status).toBe(200)
  })
})

it.each([
  ['/oauth/switch', { did: bob.did }],
  ['/oauth/logout', {}],
  ['/oauth/logout', { everywhere: '1' }],
])('a store that is down makes %s with %j a 503, and the cookie is not touched', async (path, fields) => {
  await using network = await startScriptedNetwork()
  const store = { ...createMemoryStore() }
  const visitor = createNextApp(network, { store }).visit()
  for (const person of [bob, alice]) await visitor.signIn(person)
  const spy = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => void spy.mockRestore())
  const { get } = store
  store.get = () => Promise.reject(new StoreUnavailableError('The database is down.'))
  const answer = await visitor.post(path, fields)
  const { status, headers } = answer
  expect([status, headers.get('retry-after'), headers.get('set-cookie')]).toEqual([503, '5', null])
  const html = await answer.text()
  expect(html).toContain('If you were signed in, you still are.')
  // This address accepts no GET, so a link to it would lead nowhere.
  expect(html).not.toContain('>Try again</a>')
  store.get = get
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
})

describe('the lifetime of a session', () => {
  it('SL-2 is as long as the application says, in the cookie and in the store', async () => {
    await using network = await startScriptedNetwork()
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = createMemoryStore()
    const options = { store, sessionLifetimeMs: 3_600_000, sessionIdleMs: 1_800_000 }
    const visitor = createNextApp(network, options).visit()
    const answer = await visitor.signIn(alice)
    const [cookie] = answer.headers.getSetCookie().filter((line) => line.startsWith(`${SESSION_COOKIE}=`))
    expect(cookie).toContain('Max-Age=3600;')
    const signedInAt = Date.now()
    const whoAfter = async (ms: number) => {
      vi.setSystemTime(signedInAt + ms)
      const did = await visitor.whoIsSignedIn()
      // The note of the use is written beside the answer.
      await new Promise((resolve) => setTimeout(resolve, 50))
      return did
    }
    // Used every now and then it lives on, until its time is over.
    const seen = [await whoAfter(1_700_000), await whoAfter(3_400_000), await whoAfter(3_600_000)]
    expect(seen).toEqual([alice.did, alice.did, undefined])
    vi.setSystemTime(signedInAt)
    await visitor.signIn(alice)
    expect(await whoAfter(1_800_001)).toBeUndefined()
  })
})
