/** Sign-in that begins with the address of a server: only the issuer is pinned until the token answer names the account. */
import { expect, it } from 'vitest'
import { createScriptedClient, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { alice, bob, didDocument, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const PAR = '/oauth/par'
const TOKEN = '/oauth/token'

it.each(['pds', 'as'] as const)(
  'ID-12 signs in by the address of the %s, without login_hint',
  async (role) => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const { url } = await client.start(` ${network.home[role].origin}/ `, { state: '/compose' })
    expect(network.sent(PAR).map(({ form }) => form.has('login_hint'))).not.toContain(true)
    const { session, state } = await client.callback(network.home.as.approve(url, bob.did).searchParams)
    expect([session.did, state]).toEqual([bob.did, '/compose'])
    expect((await session.fetchHandler('/xrpc/app.bsky.actor.getPreferences')).status).toBe(200)
    expect(network.violations).toEqual([])
  },
)

it('ID-12 the session of such a sign-in is restored and renewed as any other', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { url } = await client.start(network.home.pds.origin)
  const { session } = await client.callback(network.home.as.approve(url, alice.did).searchParams)
  network.advance(3_600_000)
  const restored = await client.restore(alice.did, false, { sessionId: session.id })
  expect((await restored.fetchHandler('/xrpc/app.bsky.actor.getPreferences')).status).toBe(200)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('TK-5 I1 refuses an account that is not served by the server, and revokes its tokens', async () => {
  await using network = await startScriptedNetwork()
  const evil = await network.addHome()
  const client = createScriptedClient(network)
  const { url } = await client.start(evil.as.origin)
  const { searchParams } = evil.as.approve(url, alice.did)
  expect(await refusalOf(client.callback(searchParams))).toMatchObject({
    name: 'OAuthCallbackError',
    code: 'issuer_mismatch',
  })
  expect(evil.as.grants.counts.revocations).toBe(1)
})

it('TK-5 verifies the account although the address of its own PDS was given', async () => {
  await using network = await startScriptedNetwork()
  const other = await network.addHome()
  const client = createScriptedClient(network)
  const { url } = await client.start(network.home.pds.origin)
  network.move(alice, other.pds.origin)
  const { searchParams } = network.home.as.approve(url, alice.did)
  expect(await refusalOf(client.callback(searchParams))).toMatchObject({ code: 'issuer_mismatch' })
})

it.each([undefined, '', 'alice.test', 'did:key:z6Mk'])(
  'TK-5 refuses a token answer whose sub is %j',
  async (sub) => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const { url } = await client.start(network.home.as.origin)
    network.home.as.answer(TOKEN, async (_, usual) => alter(await usual(), { sub }))
    const { searchParams } = network.home.as.approve(url, alice.did)
    expect(await refusalOf(client.callback(searchParams))).toMatchObject({ code: 'token_response_invalid' })
  },
)

it('CB-3 O3 refuses the answer of another server than the one named', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { url } = await client.start(network.home.as.origin)
  const { searchParams } = network.home.as.approve(url, alice.did)
  searchParams.set('iss', (await network.addHome()).as.origin)
  expect(await refusalOf(client.callback(searchParams))).toMatchObject({ code: 'issuer_mismatch' })
  expect(network.sent(TOKEN)).toEqual([])
})

it.each(['https://10.0.0.1', 'https://pds.example.com:22', 'http://pds.example.com'])(
  'N1 refuses %s before anybody is asked',
  async (address) => {
    await using network = await startScriptedNetwork()
    const error = await refusalOf(createScriptedClient(network).start(address))
    expect(error).toMatchObject({ code: 'invalid_identifier' })
    expect(network.requests).toEqual([])
  },
)

it('DS-7 does not take a PDS without resource metadata for its own authorization server', async () => {
  await using network = await startScriptedNetwork()
  const { pds, as } = network.home
  pds.answer('/.well-known/oauth-protected-resource', { status: 404, json: {} })
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({ code: 'server_not_conforming' })
  expect(network.sent('/.well-known/oauth-authorization-server', as.origin)).toEqual([])
  expect(network.sent('/.well-known/oauth-authorization-server', pds.origin)).toEqual([])
})

it('ID-8 signs in by DID although its handle leads nowhere, and asks nobody about the handle', async () => {
  await using network = await startScriptedNetwork()
  const document = didDocument({ ...alice, handle: 'nobody.test' }, network.home.pds.origin)
  network.plc.answer(`/${alice.did}`, { json: document })
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.did)
  await client.callback(network.home.as.approve(url, alice.did).searchParams)
  expect(network.requests.filter(({ origin }) => origin === network.resolver.origin)).toEqual([])
})
