/** The note in the row that a refresh token is being sent: what others do who find it. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  call,
  createScriptedClient,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { createGate, holdAnswer, type Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000

/** A session that has ended, and a second process on the same store, in which leases protect nothing. */
async function startTwins(network: ScriptedNetwork) {
  const store: Store = { ...createMemoryStore({ now: network.now }), lease: async () => true }
  const { session } = await signInWarm(network, { store })
  const client = createScriptedClient(network, { store })
  const twin = await client.restore(session.did, false, { sessionId: session.id })
  await call(twin)
  network.advance(HOUR_MS)
  return { store, session, twin }
}

it('S2 S3 another process that holds the lease does not send the same token, but waits for the answer of the first', async () => {
  await using network = await startScriptedNetwork()
  const { session, twin } = await startTwins(network)
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, holdAnswer(gate))
  const first = call(session)
  await gate.reached
  const second = call(twin)
  await pause(600)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  gate.open()
  expect(await Promise.all([first, second])).toEqual([200, 200])
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
})

it('S2 after a process died with its request under way, the next waits for the deadline and tries the token', async () => {
  await using network = await startScriptedNetwork()
  const { session, twin } = await startTwins(network)
  const gate = createGate()
  const neverProcessed: Script = async () => {
    await gate.pass()
    return { drop: true }
  }
  network.home.as.answerOnce(TOKEN, neverProcessed)
  const dead = call(session).catch(() => 0)
  await gate.reached
  const heir = call(twin)
  await pause(600)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  network.advance(36_000)
  expect(await heir).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
  gate.open()
  await dead
})

it('S2 a server that could not be reached at all leaves nothing behind: the next try is at once', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await startTwins(network)
  const { as } = network.home
  await as.close()
  expect(await refusalOf(session.refresh())).toMatchObject({
    code: 'refresh_failed',
    cause: { code: 'network_error', sent: false },
  })
  await as.reopen()
  await session.refresh()
  expect(await call(session)).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
})

it.each([
  ['400 invalid_client', { status: 400, json: { error: 'invalid_client' } }],
  ['429', { status: 429, body: '' }],
  ['500', { status: 500, body: '' }],
  ['503', { status: 503, body: '' }],
])('S2 RF-7 an answered refusal (%s) leaves nothing behind: the next try is at once', async (_, answer) => {
  await using network = await startScriptedNetwork()
  const { session } = await startTwins(network)
  network.home.as.answerOnce(TOKEN, answer)
  expect(await refusalOf(session.refresh())).toMatchObject({ code: 'refresh_failed' })
  await session.refresh()
  expect(await call(session)).toBe(200)
})

it('S2 keeps serving with a token that is still valid while an earlier renewal is in doubt', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS - 20_000)
  network.home.as.answerOnce(TOKEN, { drop: true })
  await refusalOf(session.refresh())
  const before = tokenRequests(network, 'refresh_token').length
  expect(await call(session)).toBe(200)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(before)
})

it('S1 RF-1 loses nothing when a sign of use is written while the tokens are renewed', async () => {
  await using network = await startScriptedNetwork()
  const { session, twin, store } = await startTwins(network)
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, holdAnswer(gate))
  network.advance(25 * HOUR_MS)
  const refresh = session.refresh()
  await gate.reached
  await createScriptedClient(network, { store }).restore(twin.did, false, { sessionId: twin.id })
  gate.open()
  await refresh
  expect(await call(session)).toBe(200)
  expect(await call(await createScriptedClient(network, { store }).restore(twin.did))).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
})

it('S5 takes an intent back that the store wrote without an answer, so that nobody waits for a token that was not sent', async () => {
  await using network = await startScriptedNetwork()
  const { store, session, twin } = await startTwins(network)
  const { update } = store
  store.update = async (...args) => {
    store.update = update
    await update(...args)
    throw new StoreUnavailableError('The answer was lost.')
  }
  expect(await refusalOf(call(session))).toMatchObject({ code: 'store_unavailable' })
  expect(tokenRequests(network, 'refresh_token')).toEqual([])
  expect(await call(twin)).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
})

it('S3 takes the tokens of another process when its own request failed after its deadline', async () => {
  await using network = await startScriptedNetwork()
  const { session, twin } = await startTwins(network)
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, async () => {
    await gate.pass()
    return { drop: true }
  })
  const late = call(session)
  await gate.reached
  network.advance(36_000)
  expect(await call(twin)).toBe(200)
  gate.open()
  expect(await late).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
})

it('S14 R8 hands every refresh to waitUntil, so that its tokens are stored although its caller gave up', async () => {
  await using network = await startScriptedNetwork()
  const work: Promise<unknown>[] = []
  const { client, session } = await signInWarm(network, { waitUntil: (promise) => work.push(promise) })
  network.advance(HOUR_MS)
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, holdAnswer(gate))
  const caller = new AbortController()
  const given = session.fetchHandler('/xrpc/a.b.c', { signal: caller.signal })
  await gate.reached
  caller.abort()
  await refusalOf(given)
  gate.open()
  await Promise.all(work)
  const restored = await client.restore(session.did, false, { sessionId: session.id })
  expect((await restored.getTokenInfo(false)).expired).toBe(false)
})
