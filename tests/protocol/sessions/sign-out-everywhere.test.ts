/** Signing out everywhere, with more sessions than a store lists at once, and at a server that is slow or refuses. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const REVOKE = '/oauth/revoke'
const COUNT = 45

/** A client of a store that lists ten at a time, with that many sessions. */
async function withSessions(network: ScriptedNetwork) {
  const memory = createMemoryStore({ now: network.now })
  const members = async (index: string) => (await memory.members(index)).slice(0, 10)
  const warnings: string[] = []
  const onWarning = (message: string) => void warnings.push(message)
  const client = createScriptedClient(network, { store: { ...memory, members }, onWarning })
  for (let n = 0; n < COUNT; n += 1) await signIn(network, client)
  return { client, warnings }
}

it('RV-3 ends every session, and not only as many as a store lists at once', async () => {
  await using network = await startScriptedNetwork()
  const { client, warnings } = await withSessions(network)
  await client.revoke(alice.did)
  expect(await client.listSessions(alice.did)).toEqual([])
  expect(network.home.as.grants.all.filter(({ alive }) => alive)).toEqual([])
  expect([network.sent(REVOKE).length, warnings]).toEqual([COUNT, []])
})

it('RV-3 ends a session that a store does not list because of the entries of a thousand that have expired', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const client = createScriptedClient(network, { store })
  const [index = ''] = await client.accountKeys(alice.did)
  for (let n = 0; n < 2_500; n += 1) await store.addMember(index, `expired ${n}`, 1_000_000)
  const { id } = await signIn(network, client)
  expect(await client.listSessions(alice.did)).toHaveLength(1)
  for (let n = 0; n < 2_500; n += 1) await store.addMember(index, `expired again ${n}`, 1_000_000)
  await client.revoke(alice.did)
  expect(await client.describeSession(id)).toBeUndefined()
})

it('RV-3 does not end every session when a row has lost the id of its own', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  await signIn(network, client)
  await expect(client.revoke(alice.did, { sessionId: undefined })).rejects.toThrow(TypeError)
  expect(await client.listSessions(alice.did)).toHaveLength(1)
})

it('RV-3 revokes the tokens of the sessions that it ended before the store failed', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let left = Number.POSITIVE_INFINITY
  const take: typeof memory.take = (key) => {
    left -= 1
    return left < 0 ? Promise.reject(new StoreUnavailableError('down')) : memory.take(key)
  }
  const client = createScriptedClient(network, { store: { ...memory, take } })
  for (const _ of [1, 2, 3, 4, 5]) await signIn(network, client)
  left = 3
  expect(await refusalOf(client.revoke(alice.did))).toMatchObject({ code: 'store_unavailable' })
  expect(await client.listSessions(alice.did)).toHaveLength(2)
  expect(network.home.as.grants.all.filter(({ alive }) => alive)).toHaveLength(2)
})

it('asks a slow server for twenty revocations at a time, when every row is gone', async () => {
  await using network = await startScriptedNetwork()
  const { client } = await withSessions(network)
  let [running, most] = [0, 0]
  const left: number[] = []
  network.home.as.answer(REVOKE, async (_request, usual) => {
    running += 1
    most = Math.max(most, running)
    left.push((await client.listSessions(alice.did)).length)
    await pause(20)
    running -= 1
    return usual()
  })
  await client.revoke(alice.did)
  expect([most <= 20, left.length, Math.max(...left)]).toEqual([true, COUNT, 0])
})

it('tells the application of sessions that the server was not told of', async () => {
  await using network = await startScriptedNetwork()
  const { client, warnings } = await withSessions(network)
  network.home.as.answer(REVOKE, { status: 500, body: '' })
  await client.revoke(alice.did)
  expect(warnings).toEqual([
    `${COUNT} sessions of ${alice.did} were ended; the server was not told of ${COUNT} of them.`,
  ])
})
