/** A confidential client changes its keys while people are signed in, before the eyes of a real server. */
import { generatePrivateJwk, type OAuthClient, type OAuthSession } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { restoreSession, signIn } from '../support/client.ts'
import { type ClientHost, type NamedKey, startClientHost } from '../support/client-host.ts'
import { countRefreshes, countRequests } from '../support/network/hooks.ts'
import { refusalOf } from '../support/refusal.ts'

const keyNamed = async (kid: string): Promise<NamedKey> => ({ ...(await generatePrivateJwk()), kid })
const [oldKey, newKey] = [await keyNamed('old'), await keyNamed('new')]

let host: ClientHost
beforeAll(async () => {
  host = await startClientHost()
})
beforeEach(() => host.network.pds[0].requests.clear())
afterAll(() => host[Symbol.asyncDispose]())

const signInAlice = (client: OAuthClient) => signIn(client, host.network.accounts.alice)
async function works(session: OAuthSession): Promise<boolean> {
  const response = await session.fetchHandler('/xrpc/com.atproto.server.getSession')
  await response.body?.cancel()
  return response.status === 200
}

it('KS-6 KS-7 keeps the sessions of an old key that stays behind the new one, and signs new ones with the new', async () => {
  const before = await signInAlice(await host.deploy(oldKey))
  const rotated = await host.deploy(newKey, oldKey)
  const session = await restoreSession(rotated, before)
  await session.refresh()
  expect(await works(session)).toBe(true)
  expect(countRequests(host.network.pds[0], { path: '/oauth/token', status: 200 })).toBe(2)

  const later = await signInAlice(rotated)
  // Without the old key: what works now was begun with the new one.
  const afterwards = await restoreSession(await host.deploy(newKey), later)
  await afterwards.refresh()
  expect(await works(afterwards)).toBe(true)
})

it('KS-7 KS-8 asks nothing with a key that is missing, keeps the session, and goes on when the key is back', async () => {
  const begun = await signInAlice(await host.deploy(oldKey))
  const without = await restoreSession(await host.deploy(newKey), begun)
  expect(await refusalOf(without.refresh())).toMatchObject({
    name: 'ConfigurationError',
    code: 'configuration',
  })
  expect(countRefreshes(host.network.pds[0])).toBe(0)
  expect(await works(without)).toBe(true)

  const again = await restoreSession(await host.deploy(newKey, oldKey), begun)
  await again.refresh()
  expect(await works(again)).toBe(true)
})

it('KS-7 RF-7 EH-2 keeps a session whose key the server has not found: it answers 400 invalid_client', async () => {
  const begun = await signInAlice(await host.deploy(oldKey))
  await host.publish(newKey)
  const session = await restoreSession(await host.client(newKey, oldKey), begun)
  const refusal = await refusalOf(session.refresh())
  expect(refusal).toMatchObject({ name: 'TokenRefreshError', code: 'refresh_failed', retryable: true })
  expect(refusal.cause).toMatchObject({ error: 'invalid_client', status: 400 })

  await host.publish(newKey, oldKey)
  await session.refresh()
  expect(await works(session)).toBe(true)
})
