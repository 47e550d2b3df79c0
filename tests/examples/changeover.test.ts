/** An application changes from the official client to this one while people are signed in. */
import { OAuthClient, type Session, type SimpleStore } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestClient, restoreSession } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { signInOfficially } from '../support/official-client.ts'
import { refusalOf } from '../support/refusal.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

/** Alice's row in the store of an application on the official client. */
function aliceOfficially(): Promise<string> {
  const { client_id, scope } = createTestClient(network).clientMetadata
  return signInOfficially(network, network.accounts.alice, {
    clientMetadata: {
      client_id,
      scope,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1:3000/oauth/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      dpop_bound_access_tokens: true,
    },
  })
}

it('goes on with the sessions that the official client stored: calls, renews, is found again, signs out', async () => {
  const { alice } = network.accounts
  const row = await aliceOfficially()
  // What makes it worth a signer of its own.
  expect(JSON.parse(row).dpopJwk.crv).toBe('secp256k1')

  const client = createTestClient(network)
  const session = await client.importSession(row)
  expect(await session.get('com.atproto.server.getSession')).toMatchObject({ data: { did: alice.did } })
  await session.refresh()
  const found = await restoreSession(client, session)
  expect(await found.get('com.atproto.server.getSession')).toMatchObject({ data: { did: alice.did } })
  await found.signOut()
  expect(await refusalOf(client.restore(alice.did))).toMatchObject({ code: 'session_ended' })
})

it('goes on with the stores of an application on the official client, rows as they are', async () => {
  const { alice } = network.accounts
  const rows = new Map([[alice.did, JSON.parse(await aliceOfficially())]])
  const sessionStore: SimpleStore<Session> = {
    get: (did) => rows.get(did),
    set: (did, session) => void rows.set(did, session),
    del: (did) => void rows.delete(did),
  }
  const client = new OAuthClient({
    clientMetadata: createTestClient(network).clientMetadata,
    localNetwork: network.localNetwork,
    stateStore: { get: () => undefined, set: () => {}, del: () => {} },
    sessionStore,
  })
  const session = await client.restore(alice.did, true)
  expect(await session.get('com.atproto.server.getSession')).toMatchObject({ data: { did: alice.did } })
  await session.signOut()
  expect([...rows]).toEqual([])
})

it.each([
  ['nothing', undefined],
  ['a text', 'hello'],
  ['an empty row', '{}'],
  ['a row without tokens', JSON.stringify({ dpopJwk: {}, tokenSet: {} })],
])('refuses %s, and does not show what it found', async (_, row) => {
  const error = await refusalOf(createTestClient(network).importSession(row))
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toMatch(/not a session of the official Node client/)
})

it('refuses a session whose account has moved to another server', async () => {
  const saved = JSON.parse(await aliceOfficially())
  const moved = { ...saved, tokenSet: { ...saved.tokenSet, iss: network.pds[1].url } }
  expect(await refusalOf(createTestClient(network).importSession(moved))).toMatchObject({
    code: 'session_ended',
  })
})
