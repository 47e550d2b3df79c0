/** Handing a session to another program: the tokens must be the newest, and those of the account that was asked for. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  call,
  createScriptedClient,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { createGate, holdAnswer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000

it('gives the tokens and the key of the session, of the latest one when no id is given', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const exported = await client.exportSession(session.did)
  expect(exported.tokenSet).toMatchObject({
    sub: session.did,
    iss: network.home.as.origin,
    token_type: 'DPoP',
  })
  expect(exported.tokenSet.refresh_token).toEqual(expect.any(String))
  expect(exported.dpopJwk).toMatchObject({ kty: 'EC', d: expect.any(String) })
  expect(await client.exportSession(session.did, { sessionId: session.id })).toEqual(exported)
})

it.each(['this process', 'another process'])(
  'S2 a refresh token that is being used in %s is not handed out: the refresh is waited for',
  async (where) => {
    await using network = await startScriptedNetwork()
    const store = createMemoryStore({ now: network.now })
    const { client, session } = await signInWarm(network, { store })
    const other = where === 'this process' ? client : createScriptedClient(network, { store })
    const before = await client.exportSession(session.did)
    const gate = createGate()
    network.home.as.answerOnce(TOKEN, holdAnswer(gate))
    const refresh = session.refresh()
    await gate.reached
    const exported = other.exportSession(session.did)
    gate.open()
    await refresh
    const { refresh_token } = (await exported).tokenSet
    expect(refresh_token).not.toBe(before.tokenSet.refresh_token)
    expect(refresh_token).toBe((await client.exportSession(session.did)).tokenSet.refresh_token)
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  },
)

it('S2 nor one whose sender left only its marker: that is waited for until it expires', async () => {
  await using network = await startScriptedNetwork()
  const store: Store = { ...createMemoryStore({ now: network.now }), lease: async () => true }
  const { session } = await signInWarm(network, { store })
  const twin = createScriptedClient(network, { store })
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, async () => {
    await gate.pass()
    return { drop: true }
  })
  const dead = session.refresh().catch(() => undefined)
  await gate.reached
  let isOut = false
  const exported = twin.exportSession(session.did).finally(() => {
    isOut = true
  })
  await sleep(600)
  expect(isOut).toBe(false)
  network.advance(36_000)
  await exported
  gate.open()
  await dead
})

it('S2 nor one that an early refresh of this process, still without its lock, is about to use', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  const store: Store = { ...memory }
  const { client, session } = await signInWarm(network, { store })
  const before = await client.exportSession(session.did)
  // The first to ask, the refresh, has to wait; the next would get the lease at once.
  store.lease = async () => {
    store.lease = memory.lease
    return false
  }
  network.advance(HOUR_MS - 20_000)
  await client.restore(session.did)
  const exported = await client.exportSession(session.did)
  expect(exported.tokenSet.refresh_token).not.toBe(before.tokenSet.refresh_token)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('S2 nor a newer one that another process left and is using already', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store: memory })
  const late: Store = { ...memory }
  const other = createScriptedClient(network, { store: late })
  const [asked, gate] = [createGate(), createGate()]
  late.lease = async () => {
    await asked.pass()
    late.lease = memory.lease
    return false
  }
  const exported = other.exportSession(session.did)
  await asked.reached
  await session.refresh()
  network.home.as.answerOnce(TOKEN, holdAnswer(gate))
  const second = session.refresh()
  await gate.reached
  asked.open()
  await sleep(300)
  gate.open()
  await second
  const { refresh_token } = (await exported).tokenSet
  expect(refresh_token).toBe((await other.exportSession(session.did)).tokenSet.refresh_token)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })
})

it('hands out tokens that the store did not take, and stores them first', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  const store: Store = { ...memory }
  const { client, session } = await signInWarm(network, { store })
  const before = await client.exportSession(session.did)
  network.home.as.answerOnce(TOKEN, async (_, usual) => {
    const answer = await usual()
    store.update = () => Promise.reject(new StoreUnavailableError('down'))
    return answer
  })
  expect(await refusalOf(session.refresh())).toMatchObject({ code: 'store_unavailable' })
  store.update = memory.update
  const exported = await client.exportSession(session.did)
  expect(exported.tokenSet.refresh_token).not.toBe(before.tokenSet.refresh_token)
  const restored = await createScriptedClient(network, { store }).restore(session.did)
  expect(await call(restored)).toBe(200)
})

it('C12 a session id of another account, of no session, or of one that ended gives nothing', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const ended = { code: 'session_ended' }
  expect(await refusalOf(client.exportSession(bob.did, { sessionId: session.id }))).toMatchObject(ended)
  expect(await refusalOf(client.exportSession(session.did, { sessionId: 'x'.repeat(43) }))).toMatchObject(
    ended,
  )
  expect(await refusalOf(client.exportSession(session.id))).toBeInstanceOf(TypeError)
  await session.signOut()
  expect(await refusalOf(client.exportSession(session.did))).toMatchObject(ended)
  expect(await refusalOf(client.exportSession(session.did, { sessionId: session.id }))).toMatchObject(ended)
})
