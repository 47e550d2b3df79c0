/** What the client remembers of identities and servers, and where it may not rely on it. */
import { expect, it } from 'vitest'
import { createClientMemory } from '../../../lib/oauth/client-memory.ts'
import { approveSignIn, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, bob, didDocument, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const RESOURCE = '/.well-known/oauth-protected-resource'
const SERVER = '/.well-known/oauth-authorization-server'
const RESOLVE = '/xrpc/com.atproto.identity.resolveHandle'
const lookUps = [RESOLVE, `/${alice.did}`, RESOURCE, SERVER]

it('ID-10 begins a second sign-in with one request, the pushed one', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  await client.start(alice.handle)
  const before = network.requests.length
  await client.start(alice.handle)
  expect(network.requests.slice(before).map(({ path }) => path)).toEqual(['/oauth/par'])
})

it('ID-10 asks for everything again after five minutes', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  await client.start(alice.handle)
  network.advance(5 * 60_000)
  await client.start(alice.handle)
  expect(lookUps.map((path) => network.sent(path).length)).toEqual([2, 2, 2, 2])
})

it('ID-10 takes a new handle of an account whose old document is remembered', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  await client.start(alice.handle)
  const renamed = { ...alice, handle: 'alice-of-old.test' }
  network.resolver.answer(RESOLVE, { json: { did: alice.did } })
  network.plc.answer(`/${alice.did}`, { json: didDocument(renamed, network.home.pds.origin) })
  const { url } = await client.start(renamed.handle)
  expect(url.origin).toBe(network.home.as.origin)
  expect(network.sent('/oauth/par').at(-1)?.form.get('login_hint')).toBe(renamed.handle)
})

it('ID-10 finds the new owner of a handle that the remembered one has given up', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const session = await signIn(network, client)
  const { origin } = network.home.pds
  network.plc.answer(`/${alice.did}`, { json: didDocument({ ...alice, handle: 'other.test' }, origin) })
  network.plc.answer(`/${bob.did}`, { json: didDocument({ ...bob, handle: alice.handle }, origin) })
  network.resolver.answer(RESOLVE, { json: { did: bob.did } })
  // A refresh looks the account up anew, and not its handle.
  await session.refresh()
  await client.start(alice.handle)
  expect(network.sent(`/${bob.did}`)).toHaveLength(1)
})

it('ID-10 refuses a handle that is not the account’s after one more look', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  network.plc.answer(`/${alice.did}`, {
    json: didDocument({ ...alice, handle: 'other.test' }, network.home.pds.origin),
  })
  expect(await refusalOf(client.start(alice.handle))).toMatchObject({ code: 'identity_not_found' })
  expect(network.sent(`/${alice.did}`)).toHaveLength(2)
  expect(network.sent('/oauth/par')).toEqual([])
})

it('N11 ID-10 looks once more at a name that does not match, then not again for half a minute', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { origin } = network.home.pds
  network.plc.answer(`/${alice.did}`, { json: didDocument({ ...alice, handle: 'other.test' }, origin) })
  const attempt = async () =>
    expect(await refusalOf(client.start(alice.handle))).toMatchObject({ code: 'identity_not_found' })
  const asked = () => [RESOLVE, `/${alice.did}`].map((path) => network.sent(path).length)
  for (let round = 0; round < 20; round += 1) await attempt()
  await Promise.all(Array.from({ length: 20 }, attempt))
  network.advance(29_999)
  await attempt()
  expect(asked()).toEqual([2, 2])
  network.advance(1)
  await attempt()
  expect(asked()).toEqual([3, 3])
})

it('ID-10 lets an account in half a minute after it has taken a handle that was refused', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { origin } = network.home.pds
  network.plc.answer(`/${alice.did}`, { json: didDocument({ ...alice, handle: 'other.test' }, origin) })
  await refusalOf(client.start(alice.handle))
  network.plc.restore(`/${alice.did}`)
  network.advance(30_000)
  const { url } = await client.start(alice.handle)
  expect(url.origin).toBe(network.home.as.origin)
})

it('ID-8 ID-10 shows the new handle of an account whose old document is remembered', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  network.advance(60_000)
  // Looks the account up anew, and not its handle.
  const { session } = await client.callback(params)
  const renamed = { ...alice, handle: 'alice-of-new.test' }
  network.resolver.answer(RESOLVE, ({ target }) =>
    target.endsWith(renamed.handle) ? { json: { did: alice.did } } : { status: 400, json: {} },
  )
  network.plc.answer(`/${alice.did}`, { json: didDocument(renamed, network.home.pds.origin) })
  network.advance(4 * 60_000)
  expect(await session.getHandle()).toBe(renamed.handle)
})

it('ID-10 sees at the callback that the account moved after the sign-in began', async () => {
  await using network = await startScriptedNetwork()
  const other = await network.addHome()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  network.move(alice, other.pds.origin)
  expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'issuer_mismatch' })
})

it('ID-10 sees at the callback that the PDS changed its authorization server after the sign-in began', async () => {
  await using network = await startScriptedNetwork()
  const other = await network.addHome()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  const { pds } = network.home
  pds.answer(RESOURCE, { json: { resource: pds.origin, authorization_servers: [other.as.origin] } })
  expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'issuer_mismatch' })
})

it('ID-10 I9 sees at a refresh that the account has moved, although it was just looked up', async () => {
  await using network = await startScriptedNetwork()
  const other = await network.addHome()
  const client = createScriptedClient(network)
  const session = await signIn(network, client)
  network.advance(3_600_000)
  await client.start(alice.handle)
  network.move(alice, other.pds.origin)
  expect(await refusalOf(session.fetchHandler('/xrpc/a.b.c'))).toMatchObject({ code: 'session_ended' })
  expect(network.sent('/oauth/token', other.as.origin)).toEqual([])
})

it('takes over at the next sign-in what the callback learnt', async () => {
  await using network = await startScriptedNetwork()
  const other = await network.addHome()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  network.move(alice, other.pds.origin)
  await refusalOf(client.callback(params))
  const { url } = await client.start(alice.handle)
  expect(url.origin).toBe(other.as.origin)
})

it('is shared by the clients of one process, and not with those of another network', async () => {
  await using network = await startScriptedNetwork()
  await using elsewhere = await startScriptedNetwork()
  const memory = createClientMemory()
  for (const one of [network, network, elsewhere])
    await createScriptedClient(one, { memory }).start(alice.handle)
  expect(lookUps.map((path) => network.sent(path).length)).toEqual([1, 1, 1, 1])
  expect(lookUps.map((path) => elsewhere.sent(path).length)).toEqual([1, 1, 1, 1])
})

it('N11 asks a server that was down again at the next try, ten times in ten seconds at most', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  network.home.pds.answer(RESOURCE, { status: 503 })
  expect(await refusalOf(client.start(alice.handle))).toMatchObject({ code: 'server_unavailable' })
  network.home.pds.restore(RESOURCE)
  await client.start(alice.handle)

  const another = createScriptedClient(network)
  network.home.pds.answer(RESOURCE, { status: 503 })
  const before = network.sent(RESOURCE).length
  for (let round = 0; round < 20; round += 1) {
    expect(await refusalOf(another.start(alice.handle))).toMatchObject({ code: 'server_unavailable' })
  }
  expect(network.sent(RESOURCE).length - before).toBe(10)
})

it('keeps the answers of an application’s own resolver from other clients', async () => {
  await using network = await startScriptedNetwork()
  const memory = createClientMemory()
  const handleResolver = { resolve: async () => alice.did }
  await createScriptedClient(network, { memory, handleResolver }).start(alice.handle)
  await createScriptedClient(network, { memory }).start(alice.handle)
  expect(network.sent(RESOLVE)).toHaveLength(1)
})
