/** `auth.handlers.login`, `.callback` and the rest, each exported from a `route.ts` of its own. */
import { expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import type { Handlers } from '../../../lib/next/handlers/routes.ts'
import {
  createNextApp,
  foreignForm,
  navigation,
  ORIGIN,
  ownForm,
  SESSION_COOKIE,
} from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'

/** What stands under each path: nothing of the catch-all route is there. */
function routesOf({ login, callback, logout, switch: switchTo, session, jwks }: Handlers) {
  return new Map<string, Partial<Record<string, (request: Request) => Promise<Response>>>>([
    ['/oauth/login', { ...login }],
    ['/oauth/callback', { ...callback }],
    ['/oauth/logout', { ...logout }],
    ['/oauth/switch', { ...switchTo }],
    ['/oauth/session', { ...session }],
    ['/oauth/jwks.json', { ...jwks }],
  ])
}

function createBrowser(network: ScriptedNetwork, basePath = '/oauth') {
  const app = createNextApp(network, { basePath })
  const routes = routesOf(app.auth.handlers)
  const visitor = app.visit()
  async function send(path: string, init: RequestInit & { headers: Record<string, string> }) {
    const url = new URL(path, ORIGIN)
    const handler = routes.get(url.pathname.replace(basePath, '/oauth'))?.[init.method ?? 'GET']
    if (!handler) throw new Error(`There is no route for ${init.method ?? 'GET'} ${url.pathname}.`)
    const headers = { cookie: visitor.header(), ...init.headers }
    const response = await handler(new Request(url, { ...init, headers }))
    visitor.take(response.headers.getSetCookie())
    return response
  }
  return {
    visitor,
    get: (path: string, headers: Record<string, string> = navigation) => send(path, { headers }),
    post: (path: string, fields: Record<string, string>, headers: Record<string, string> = ownForm) =>
      send(path, { method: 'POST', headers, body: new URLSearchParams(fields) }),
  }
}

it.each(['/oauth', '/auth/atproto'])('the whole walk goes by single routes below %s', async (base) => {
  await using network = await startScriptedNetwork()
  const { get, post, visitor } = createBrowser(network, base)
  expect(await (await get(`${base}/login`)).text()).toContain(`action="${base}/login"`)
  for (const { did, handle } of [alice, bob]) {
    const begun = await post(`${base}/login`, { identifier: handle })
    const { pathname, search } = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), did)
    expect(pathname).toBe(`${base}/callback`)
    expect((await get(pathname + search)).headers.get('location')).toBe('/')
  }
  expect(await visitor.whoIsSignedIn()).toBe(bob.did)
  await post(`${base}/switch`, { did: alice.did })
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  expect(await (await get(`${base}/session`)).json()).toEqual({ kind: 'active', did: alice.did })
  await post(`${base}/logout`, { all: '1' })
  expect([await visitor.whoIsSignedIn(), visitor.jar.has(SESSION_COOKIE)]).toEqual([undefined, false])
  expect(network.home.as.grants.counts.revocations).toBe(2)
})

it('the route of the keys answers for itself', async () => {
  await using network = await startScriptedNetwork()
  const clientKeys = { ...(await generatePrivateJwk()), kid: 'mine' }
  const publicUrl = 'https://app.demo.internal'
  const { jwks } = createNextApp(network, { publicUrl, clientKeys }).auth.handlers
  const answer = await jwks.GET(new Request(`${publicUrl}/oauth/jwks.json`))
  const [key, ...more] = (await answer.json()).keys
  expect([answer.status, key.kid, 'd' in key, more]).toEqual([200, 'mine', false, []])
})

it.each(['login', 'logout', 'switch'])(
  'CK-6 X5 a form of another site does nothing at the single route of %s',
  async (name) => {
    await using network = await startScriptedNetwork()
    const { post, visitor } = createBrowser(network)
    for (const person of [alice, bob]) await visitor.signIn(person)
    const asked = network.requests.length
    const fields = { identifier: alice.handle, did: alice.did, all: '1' }
    expect((await post(`/oauth/${name}`, fields, foreignForm)).status).toBe(403)
    expect(network.requests).toHaveLength(asked)
    expect(await visitor.whoIsSignedIn()).toBe(bob.did)
  },
)

it('PAR-7 a prefetch of a single route begins and ends nothing', async () => {
  await using network = await startScriptedNetwork()
  const { get, post } = createBrowser(network)
  const begun = await post('/oauth/login', { identifier: alice.handle })
  const { pathname, search } = network.home.as.approve(
    new URL(begun.headers.get('location') ?? ''),
    alice.did,
  )
  const asked = network.requests.length
  for (const path of [pathname + search, `/oauth/login?identifier=${bob.handle}`]) {
    const answer = await get(path, { ...navigation, 'sec-purpose': 'prefetch;prerender' })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []])
  }
  expect(network.requests).toHaveLength(asked)
  expect((await get(pathname + search)).headers.get('location')).toBe('/')
})
