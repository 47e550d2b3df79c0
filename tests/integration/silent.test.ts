/** Signing in without being asked (`prompt=none`) at a real server: who may, and who is told to ask. */
import { generatePrivateJwk, type OAuthClient } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestClient } from '../support/client.ts'
import { type ClientHost, startClientHost } from '../support/client-host.ts'
import { approve, type Cookies, passThrough } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

const key = { ...(await generatePrivateJwk()), kid: 'key' }

let host: ClientHost
beforeAll(async () => {
  host = await startClientHost()
})
afterAll(() => host[Symbol.asyncDispose]())

/** Signs alice in with a browser that she has the server remember; that browser's cookies. */
async function rememberAlice(client: OAuthClient): Promise<Cookies> {
  const { alice } = host.network.accounts
  const cookies: Cookies = new Map()
  const callback = await approve(await client.authorize(alice.handle), alice, undefined, cookies)
  await client.callback(callback.searchParams)
  return cookies
}
async function signInSilently(client: OAuthClient, cookies: Cookies) {
  const url = await client.authorize(host.network.accounts.alice.handle, { prompt: 'none' })
  return client.callback((await passThrough(url, cookies)).searchParams)
}

it('a confidential client signs a remembered person in without a page', async () => {
  const client = await host.deploy(key)
  const { session } = await signInSilently(client, await rememberAlice(client))
  expect(session.did).toBe(host.network.accounts.alice.did)
  const response = await session.fetchHandler('/xrpc/com.atproto.server.getSession')
  expect(response.status).toBe(200)
})

it('EH-1 a browser that the server does not know comes back with login_required', async () => {
  const refusal = await refusalOf(signInSilently(await host.deploy(key), new Map()))
  expect(refusal).toMatchObject({ name: 'OAuthCallbackError', code: 'authorization_failed' })
  expect(Reflect.get(refusal, 'params').get('error')).toBe('login_required')
})

it('LB-6 a public client may not, and its person is asked to consent each time', async () => {
  const client = createTestClient(host.network)
  const cookies = await rememberAlice(client)
  const refusal = await refusalOf(signInSilently(client, cookies))
  expect(refusal).toMatchObject({ code: 'oauth_error', error: 'invalid_request', status: 400 })
  // Without prompt the page opens although the person is known and has consented before.
  const again = await client.authorize(host.network.accounts.alice.handle)
  expect(await refusalOf(passThrough(again, cookies))).toMatchObject({
    message: expect.stringContaining('200'),
  })
})
