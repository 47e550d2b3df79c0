/** An application changes from the official client to this one while people are signed in. */
import { JoseKey } from '@atproto/jwk-jose'
import { OAuthClient as OfficialClient, type Session as OfficialSession } from '@atproto/oauth-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocalNetwork, startNetwork } from '../network/network.ts'
import { createTestClient, restoreSession } from '../support/client.ts'
import { approve } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

/** What the official Node client makes of a session for its store: JSON with the DPoP key as JWK. */
function toRow({ dpopKey, ...rest }: OfficialSession): string {
  return JSON.stringify({ ...rest, dpopJwk: dpopKey.privateJwk })
}

/** Alice's row in the store of an application on the official client. */
async function signInOfficially(): Promise<string> {
  const { client_id, scope } = createTestClient(network).clientMetadata
  const states = new Map()
  let row = ''
  const client = new OfficialClient({
    clientMetadata: {
      ...{ client_id, scope, application_type: 'native', token_endpoint_auth_method: 'none' },
      redirect_uris: ['http://127.0.0.1:3000/oauth/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      dpop_bound_access_tokens: true,
    },
    responseMode: 'query',
    handleResolver: network.handleResolverUrl,
    plcDirectoryUrl: network.plcUrl,
    allowHttp: true,
    runtimeImplementation: {
      createKey: (algorithms) => JoseKey.generate(algorithms),
      getRandomValues: (length) => crypto.getRandomValues(new Uint8Array(length)),
      digest: async (bytes, { name }) =>
        new Uint8Array(await crypto.subtle.digest(`SHA-${name.slice(3)}`, bytes)),
      requestLock: (_, fn) => fn(),
    },
    stateStore: {
      get: (key) => states.get(key),
      set: (key, value) => void states.set(key, value),
      del: (key) => void states.delete(key),
    },
    sessionStore: {
      get: () => undefined,
      set: (_, session) => {
        row = toRow(session)
      },
      del: () => {},
    },
  })
  const { alice } = network.accounts
  await client.callback((await approve(await client.authorize(alice.handle), alice)).searchParams)
  return row
}

it('goes on with the sessions that the official client stored: calls, renews, is found again, signs out', async () => {
  const { alice } = network.accounts
  const row = await signInOfficially()
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

it.each([
  ['nothing', undefined],
  ['a text', 'hello'],
  ['an empty row', '{}'],
  ['a row without tokens', JSON.stringify({ dpopJwk: {}, tokenSet: {} })],
])('refuses %s, and does not show what it found', async (_, row) => {
  const error = await refusalOf(createTestClient(network).importSession(row))
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toMatch(/no session of the official Node client/)
})

it('refuses a session whose account has moved to another server', async () => {
  const saved = JSON.parse(await signInOfficially())
  const moved = { ...saved, tokenSet: { ...saved.tokenSet, iss: network.pds[1].url } }
  expect(await refusalOf(createTestClient(network).importSession(moved))).toMatchObject({
    code: 'session_ended',
  })
})
