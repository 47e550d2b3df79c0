/** The callback route where something is odd: a request ahead of the person, a store that fails, a server that talks. */
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp, navigation, ORIGIN } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { recordLog } from '../../support/record-log.ts'

/** A browser that is at its authorization server with a sign-in for alice. */
async function begin(network: ScriptedNetwork, options: AtprotoAuthOptions = {}) {
  const { auth, visit } = createNextApp(network, options)
  const visitor = visit()
  const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
  return { auth, visitor, url: new URL(begun.headers.get('location') ?? '') }
}

const pathOf = ({ pathname, search }: URL) => pathname + search

it.each<[string, RequestInit]>([
  ['HEAD', { method: 'HEAD' }],
  ['a prefetch of Next', { headers: { 'next-router-prefetch': '1' } }],
  ['a request for components', { headers: { rsc: '1' } }],
  ['a prefetch of the browser', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
])(
  'CB-8 does nothing for %s, and the sign-in can still be finished',
  async (_, { method = 'GET', headers }) => {
    await using network = await startScriptedNetwork()
    const { auth, visitor, url } = await begin(network)
    const path = pathOf(network.home.as.approve(url, alice.did))
    const before = network.requests.length
    // Next answers HEAD with the handler of GET.
    const ahead = { method, headers: { ...navigation, cookie: visitor.header(), ...headers } }
    const response = await auth.handlers.GET(new Request(ORIGIN + path, ahead))
    expect([response.status, response.headers.get('set-cookie')]).toEqual([204, null])
    expect(network.requests).toHaveLength(before)
    await visitor.get(path)
    expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  },
)

it('TK-10 S5 revokes the tokens and sets no cookie when the session cannot be stored', async () => {
  await using network = await startScriptedNetwork()
  const lines = recordLog()
  const memory = createMemoryStore()
  const store = {
    ...memory,
    set: (key: string, value: string, ttlMs: number) =>
      key.startsWith('session:')
        ? Promise.reject(new StoreUnavailableError('The disk is full.'))
        : memory.set(key, value, ttlMs),
  }
  const { visitor, url } = await begin(network, { store })
  lines.length = 0
  const { status, headers } = await visitor.get(pathOf(network.home.as.approve(url, alice.did)))
  expect([status, headers.get('retry-after'), headers.get('set-cookie')]).toEqual([503, '5', null])
  expect(network.home.as.grants.counts.revocations).toBe(1)
  expect(lines).toEqual([expect.stringContaining('The disk is full.')])
})

it('O4 CB-4 SF-6 shows nothing of what a server says with an error in a redirect or page; the log has it, cleaned', async () => {
  await using network = await startScriptedNetwork()
  const lines = recordLog()
  const { visitor, url } = await begin(network)
  lines.length = 0
  const back = network.home.as.fail(url, '<b>CANARY</b>')
  back.searchParams.set('error_description', '<script>CANARY</script>\u202e\n[next-atproto-auth] forged')
  back.searchParams.set('error_uri', 'https://CANARY.example.com/')
  const response = await visitor.get(pathOf(back))
  const location = response.headers.get('location') ?? ''
  expect([response.status, withoutReference(location)]).toEqual([
    303,
    `/oauth/login?error=sign_in_failed&identifier=${alice.handle}`,
  ])
  const page = await visitor.get(location)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const shown = [await response.text(), ...response.headers.values(), await page.text()]
  expect(shown.join()).not.toMatch(/CANARY|\u202e/)
  expect(lines).toEqual([
    `[next-atproto-auth] Sign-in could not be finished: authorization_failed: ${network.home.as.origin} ended the ` +
      'sign-in with an error. (error=<b>CANARY</b> ' +
      `description="<script>CANARY</script> [next-atproto-auth] forged" reference=${location.slice(-8)})`,
  ])
})

it('shows what was entered again after the user declined', async () => {
  await using network = await startScriptedNetwork()
  recordLog()
  const { visitor, url } = await begin(network)
  const response = await visitor.get(pathOf(network.home.as.fail(url, 'access_denied')))
  const page = await (await visitor.get(response.headers.get('location') ?? '')).text()
  const [field] = /<input id="identifier"[^>]*>/.exec(page) ?? []
  expect(field).toContain(` value="${alice.handle}" required`)
  expect(field).not.toContain('aria-invalid')
})

it('I2 shows an empty field after another account came back than the one named, and changes no cookie', async () => {
  await using network = await startScriptedNetwork()
  recordLog()
  const { visitor, url } = await begin(network)
  const response = await visitor.get(pathOf(network.home.as.approve(url, bob.did)))
  const location = response.headers.get('location') ?? ''
  expect(withoutReference(location)).toBe('/oauth/login?error=account_mismatch')
  expect(response.headers.getSetCookie().filter((cookie) => !cookie.includes('-flow-'))).toEqual([])
  expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([false])
  const [field] = /<input id="identifier"[^>]*>/.exec(await (await visitor.get(location)).text()) ?? []
  expect(field).toContain(' value="" required')
})
