/** `restore` and `revoke`, with and without the id of a session. */
import { expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  call,
  createScriptedClient,
  signIn,
  startExpired,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const MINUTE_MS = 60_000

it('finds the session whose tokens were renewed last when none is named', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const first = await signIn(network, client)
  network.advance(MINUTE_MS)
  const second = await signIn(network, client)
  expect((await client.restore(alice.did)).id).toBe(second.id)
  network.advance(MINUTE_MS)
  await first.refresh()
  expect((await client.restore(alice.did)).id).toBe(first.id)
  await first.signOut()
  expect((await client.restore(alice.did)).id).toBe(second.id)
})

it('passes over a session that needs a new sign-in', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const good = await signIn(network, client)
  network.advance(MINUTE_MS)
  const revoked = await signIn(network, client)
  const { grants } = network.home.as
  grants.revoke(grants.all.at(-1)?.refreshToken ?? '')
  await refusalOf(revoked.refresh())
  expect((await client.restore(alice.did)).id).toBe(good.id)
})

it('keeps the accounts of one store apart', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const client = createScriptedClient(network, { store })
  const session = await signIn(network, client)
  expect(await refusalOf(client.restore(bob.did))).toMatchObject({ code: 'session_ended', did: bob.did })
  expect(await refusalOf(client.restore(bob.did, false, { sessionId: session.id }))).toMatchObject({
    code: 'session_ended',
  })
  await client.revoke(bob.did)
  await client.revoke(bob.did, { sessionId: session.id })
  expect(await call(await client.restore(alice.did))).toBe(200)
})

it.each([
  ['auto' as const, 1],
  [true as const, 1],
  [false as const, 0],
])('restores an ended token with refresh %s by %d token requests', async (refresh, count) => {
  const { network, client, session } = await startExpired()
  await using _ = network
  const before = tokenRequests(network, 'refresh_token').length
  await client.restore(session.did, refresh, { sessionId: session.id })
  expect(tokenRequests(network, 'refresh_token').length - before).toBe(count)
})

it('renews a token that has not ended with refresh true, and leaves it with auto', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  await signIn(network, client)
  await client.restore(alice.did)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(0)
  await client.restore(alice.did, true)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('ends every session of the account, at the server too', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const sessions = [
    await signIn(network, client),
    await signIn(network, client),
    await signIn(network, client),
  ]
  await client.revoke(alice.did)
  expect(network.home.as.grants.counts.revocations).toBe(3)
  for (const session of sessions)
    expect(await refusalOf(session.refresh())).toMatchObject({ code: 'session_ended' })
  expect(await refusalOf(client.restore(alice.did))).toMatchObject({ code: 'session_ended' })
})

it.each(['alice.test', 'did:key:abc', '', 'did:plc:short'])(
  'refuses %j, which is no DID, as a mistake',
  async (sub) => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    await expect(client.restore(sub)).rejects.toThrow(TypeError)
    await expect(client.revoke(sub)).rejects.toThrow(TypeError)
  },
)

it('makes no request for the server’s metadata', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  await signIn(network, client)
  const before = network.requests.length
  const { serverMetadata } = await client.restore(alice.did)
  const { origin } = network.home.as
  expect(serverMetadata).toEqual({
    issuer: origin,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    pushed_authorization_request_endpoint: `${origin}/oauth/par`,
    revocation_endpoint: `${origin}/oauth/revoke`,
  })
  expect(network.requests.length).toBe(before)
})
