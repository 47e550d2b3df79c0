/** The handlers of lib/next on the scripted network: what a browser gets, and what the servers are asked. */
import { describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createConfigLoader } from '../../../lib/next/config/load-config.ts'
import { createHandlers } from '../../../lib/next/handlers/routes.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp } from '../../support/protocol/next-app.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { recordLog } from '../../support/record-log.ts'

const ORIGIN = 'http://127.0.0.1:3000'
const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const navigation = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const ownForm = { 'sec-fetch-site': 'same-origin', origin: ORIGIN }

/** The development client's handlers in front of the network. */
function createApp(network: ScriptedNetwork) {
  const runtime = createConfigLoader({
    publicUrl: ORIGIN,
    secret: SECRET,
    store: createMemoryStore(),
    localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
  })
  const { GET, POST } = createHandlers(runtime)
  const get = (path: string, headers: HeadersInit = navigation, origin = ORIGIN) =>
    GET(new Request(origin + path, { headers }))
  const post = (path: string, fields: Record<string, string>, headers: HeadersInit = ownForm) =>
    POST(new Request(ORIGIN + path, { method: 'POST', headers, body: new URLSearchParams(fields) }))
  return { get, post }
}

type App = ReturnType<typeof createApp>

/** Submits the form for alice; where the browser is sent, and the cookie that it keeps. */
async function begin(app: App, network: ScriptedNetwork) {
  const response = await app.post('/oauth/login', { identifier: alice.handle })
  const cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  const callback = network.home.as.approve(new URL(response.headers.get('location') ?? ''), alice.did)
  return { cookie, path: callback.pathname + callback.search, code: callback.searchParams.get('code') ?? '' }
}

it.each([
  '/oauth/anything/oauth/login',
  '/oauth/x/oauth/logout',
  '/other/oauth/callback',
  '/oauth/login/login',
  '/oauth/',
  '/oauth/constructor',
])('answers no route at %s: rules of a proxy about the real address would not see it', async (path) => {
  await using network = await startScriptedNetwork()
  const { get, post } = createApp(network)
  expect((await get(path)).status).toBe(404)
  expect((await post(path, { identifier: alice.handle })).status).toBe(404)
  expect(network.requests).toEqual([])
})

describe('the page of the login route', () => {
  it('tells somebody who is signed in so, with the way on, and nobody else', async () => {
    await using network = await startScriptedNetwork()
    const store = createMemoryStore({ now: network.now })
    const app = createNextApp(network, { store, afterSignIn: '/home' })
    const visitor = app.visit()
    const page = async () => (await visitor.get('/oauth/login')).text()
    expect(await page()).not.toContain('already signed in')
    await visitor.signIn(alice)
    expect(await page()).toContain('You are already signed in. <a href="/home">Continue</a>')
    const { get } = store
    store.get = () => Promise.reject(new StoreUnavailableError('down'))
    expect(await page()).not.toContain('already signed in')
    store.get = get
    network.home.as.answer('/oauth/token', { status: 400, json: { error: 'invalid_grant' } })
    network.advance(3_600_000)
    await visitor.run(async (auth) => (await auth.getSession())?.refresh().catch(() => undefined))
    expect(await page()).not.toContain('already signed in')
  })
})

describe('the login route', () => {
  it('PAR-7 pushes nothing when its page is shown, prefetched, fetched or asked for by a link elsewhere', async () => {
    await using network = await startScriptedNetwork()
    const { get } = createApp(network)
    const login = `/oauth/login?identifier=${alice.handle}`
    await get('/oauth/login')
    for (const headers of [
      { ...navigation, 'next-router-prefetch': '1' },
      { ...navigation, 'sec-purpose': 'prefetch;prerender' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      { ...navigation, 'sec-fetch-site': 'cross-site' },
      {},
    ]) {
      await get(login, headers)
    }
    expect(network.requests).toEqual([])
  })

  it('PAR-7 PAR-4 answers the form with a redirect of the whole page, which no cache keeps', async () => {
    await using network = await startScriptedNetwork()
    const { status, headers } = await createApp(network).post('/oauth/login', { identifier: alice.handle })
    expect([status, headers.get('cache-control')]).toEqual([303, 'private, no-store'])
    expect(headers.get('location')).toMatch(`${network.home.as.origin}/oauth/authorize?`)
    expect(network.sent('/oauth/par').at(-1)?.form.get('login_hint')).toBe(alice.handle)
  })

  it.each(['localhost:3000', 'localhost', '[::1]:3000'])(
    'LB-4 sends a browser at %s to 127.0.0.1 before anything else, and says why a form is shown again',
    async (host) => {
      await using network = await startScriptedNetwork()
      const { get, post } = createApp(network)
      const link = await get('/oauth/login?identifier=alice.test', { ...navigation, host }, `http://${host}`)
      const form = await post('/oauth/login', { identifier: alice.handle }, { ...ownForm, host })
      const there = `${ORIGIN}/oauth/login?identifier=alice.test`
      expect([link.status, link.headers.get('location')]).toEqual([303, there])
      expect([form.status, new URL(form.headers.get('location') ?? '').origin]).toEqual([303, ORIGIN])
      for (const response of [link, form]) expect(response.headers.get('set-cookie')).toBeNull()
      const shown = await get((form.headers.get('location') ?? '').slice(ORIGIN.length))
      const html = await shown.text()
      expect(html).toContain('sign-in works only at this one. Press the button once more.')
      expect(html).toContain('value="alice.test"')
      expect(network.requests).toEqual([])
    },
  )

  describe('asked to change the host', () => {
    const follow = async (path: string, hosts: readonly string[]) => {
      await using network = await startScriptedNetwork()
      const app = createApp(network)
      const locations: string[] = []
      let next = path
      for (const host of hosts) {
        const response = await app.get(next, { ...navigation, host }, `http://${host}`)
        const location = response.headers.get('location') ?? `${response.status}`
        locations.push(location)
        next = location.replace(/^http:\/\/[^/]+/, '')
      }
      expect(network.requests).toEqual([])
      return locations
    }
    const path = '/oauth/login?changeHost=1&returnTo=%2Fcompose%3Fdraft%3D1'
    const again = '/oauth/login?changeHost=2&returnTo=%2Fcompose%3Fdraft%3D1'

    it('LB-4 leads from localhost to the same path at 127.0.0.1', async () => {
      expect(await follow(path, ['localhost:3000', '127.0.0.1:3000'])).toEqual([
        ORIGIN + again,
        '/compose?draft=1',
      ])
    })

    it('shows the form when a proxy writes localhost for each host, and does not redirect for ever', async () => {
      expect(await follow(path, ['localhost:3000', 'localhost:3000'])).toEqual([ORIGIN + again, '200'])
    })

    it('shows the form there too when a page needs a session', async () => {
      const needed = '/oauth/login?changeHost=unlessSignedIn&returnTo=%2Fcompose'
      expect(await follow(needed, ['localhost:3000'])).toEqual(['200'])
    })

    it.each(['https://evil.dev/', '//evil.dev', '/\\evil.dev', '/.//evil.dev', 'javascript:alert(1)'])(
      'X6 leads to no other site for %s (open redirect)',
      async (returnTo) => {
        const query = new URLSearchParams({ changeHost: '1', returnTo })
        const [first = '', second] = await follow(`/oauth/login?${query}`, [
          'localhost:3000',
          '127.0.0.1:3000',
        ])
        expect([new URL(first).origin, second]).toEqual([ORIGIN, '/'])
      },
    )

    it('CK-8 goes by no other Host', async () => {
      expect(await follow(path, ['evil.dev'])).toEqual(['/compose?draft=1'])
    })

    it('answers a prefetch and the router of Next.js with nothing: both then load the page', async () => {
      await using network = await startScriptedNetwork()
      const { status } = await createApp(network).get(path, { rsc: '1', host: 'localhost:3000' })
      expect(status).toBe(204)
    })
  })

  it('LB-4 SL-2 keeps the cookies of a loopback client without Secure, and the session’s for two weeks', async () => {
    await using network = await startScriptedNetwork()
    const app = createApp(network)
    const { cookie, path } = await begin(app, network)
    const cookies = (await app.get(path, { ...navigation, cookie })).headers.getSetCookie()
    const session = cookies.find((text) => text.startsWith('atproto-session-3000='))
    expect(session).toMatch(/; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/)
  })
})

describe('the callback route', () => {
  it('CB-7 leads to a clean address that no cache keeps, without a referrer, and writes no code to the log', async () => {
    await using network = await startScriptedNetwork()
    const app = createApp(network)
    const lines = recordLog()
    const { cookie, path, code } = await begin(app, network)
    const responses = [
      await app.get(path, { ...navigation, cookie }),
      // With other parameters, which fails and is logged.
      await app.get(`${path}x`, { ...navigation, cookie }),
    ]
    for (const { status, headers } of responses) {
      expect(status).toBe(303)
      expect(headers.get('cache-control')).toBe('private, no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('location')).not.toMatch(/code=|state=|iss=/)
    }
    expect(responses.map(({ headers }) => withoutReference(headers.get('location')))).toEqual([
      '/',
      '/oauth/login?error=state_unknown',
    ])
    expect(lines).toHaveLength(1)
    expect(lines.join()).not.toContain(code)
    expect(lines.join()).not.toContain(new URLSearchParams(path.split('?')[1]).get('state'))
  })

  it.each([
    ['no cookie', () => ''],
    ['the cookie of another sign-in', (_own: string, other: string) => other],
    [
      'the cookie of another sign-in under the name of this one',
      (own: string, other: string) => `${own.split('=', 1)[0]}=${other.slice(other.indexOf('=') + 1)}`,
    ],
    ['the cookie twice', (own: string) => `${own}; ${own}`],
  ])(
    'CB-2 O1 refuses a callback that comes with %s, sends nothing, and works in its own browser',
    async (_, forge) => {
      await using network = await startScriptedNetwork()
      const app = createApp(network)
      recordLog()
      const [own, other] = [await begin(app, network), await begin(app, network)]
      const before = network.requests.length
      const cookie = forge(own.cookie, other.cookie)
      const refused = await app.get(own.path, { ...navigation, ...(cookie && { cookie }) })
      expect(withoutReference(refused.headers.get('location'))).toBe('/oauth/login?error=state_mismatch')
      expect(refused.headers.getSetCookie().filter((text) => text.includes('session'))).toEqual([])
      expect(network.requests).toHaveLength(before)
      const accepted = await app.get(own.path, { ...navigation, cookie: own.cookie })
      expect(accepted.headers.get('location')).toBe('/')
    },
  )
})

describe('the logout route', () => {
  it('RV-4 takes a POST of an own page only: another ends no session', async () => {
    await using network = await startScriptedNetwork()
    const app = createApp(network)
    const { cookie: flow, path } = await begin(app, network)
    const signedIn = await app.get(path, { ...navigation, cookie: flow })
    const cookie = signedIn.headers.getSetCookie().map((text) => text.split(';', 1)[0])[0] ?? ''
    const got = await app.get('/oauth/logout', { ...navigation, cookie })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    const foreign = await app.post(
      '/oauth/logout',
      {},
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.dev', cookie },
    )
    expect(foreign.status).toBe(403)
    expect(network.sent('/oauth/revoke')).toEqual([])
    expect((await app.post('/oauth/logout', {}, { ...ownForm, cookie })).status).toBe(303)
    expect(network.home.as.grants.counts.revocations).toBe(1)
  })
})
