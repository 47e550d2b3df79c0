/** `client.resolveIdentity`: the account behind a handle or a DID, for an application that meets one in a text. */
import { expect, it } from 'vitest'
import { createScriptedClient } from '../../support/protocol/scripted-client.ts'
import { alice, bob, didDocument, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

it('resolveIdentity gives the account of a handle and of a DID, and asks again for neither', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const expected = { ...alice, pds: network.home.pds.origin }
  expect(await client.resolveIdentity(alice.handle)).toEqual(expected)
  const asked = network.requests.length
  expect(await client.resolveIdentity('@Alice.test')).toEqual(expected)
  expect(await client.resolveIdentity(alice.did)).toEqual(expected)
  expect(network.requests).toHaveLength(asked)
})

it('ID-8 I5 resolveIdentity refuses a handle whose account uses another one, and has none for its DID', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const document = didDocument({ ...alice, handle: bob.handle }, network.home.pds.origin)
  network.plc.answer(`/${alice.did}`, { json: document })
  const refusal = await refusalOf(client.resolveIdentity(alice.handle))
  expect(refusal).toMatchObject({ code: 'identity_not_found', retryable: false })
  expect(await client.resolveIdentity(alice.did)).toMatchObject({ did: alice.did, handle: null })
})

it.each([
  ['nobody.test', 'identity_not_found'],
  ['not a handle', 'invalid_identifier'],
])('resolveIdentity of %j says %s', async (input, code) => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  expect(await refusalOf(client.resolveIdentity(input))).toMatchObject({ code })
})

it('resolveIdentity tells a directory that is down from an account that does not exist', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  network.plc.answer('*', { status: 503, body: '' })
  const refusal = await refusalOf(client.resolveIdentity(alice.handle))
  expect(refusal).toMatchObject({ code: 'server_unavailable', retryable: true })
})

it('resolveIdentity throws the reason of the signal that ended it', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const reason = new Error('enough')
  const ended = client.resolveIdentity(alice.handle, { signal: AbortSignal.abort(reason) })
  await expect(ended).rejects.toBe(reason)
})
