/** RF-9, R5: a token that the PDS refuses because another process has renewed it meanwhile. */
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { call, createScriptedClient, signIn, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
const refused: Answer = { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }

/** Really renews, also where the store holds newer tokens already, which a refresh would take instead. */
async function renew(session: OAuthSession): Promise<void> {
  await session.getTokenInfo(false)
  await session.refresh()
}

/** One session in two processes, both warm. */
async function signInTwice(network: ScriptedNetwork) {
  const store = createMemoryStore({ now: network.now })
  const [first, second] = [createScriptedClient(network, { store }), createScriptedClient(network, { store })]
  const session = await signIn(network, first)
  const other = await second.restore(session.did, false, { sessionId: session.id })
  await Promise.all([call(session), call(other)])
  return { session, other }
}

it('RF-9 takes the newer token of the store, without a refresh of its own', async () => {
  await using network = await startScriptedNetwork()
  const { session, other } = await signInTwice(network)
  await other.refresh()
  expect(await call(session, ECHO)).toBe(200)
  expect(network.sent(ECHO)).toHaveLength(2)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
  expect(network.violations).toEqual([])
})

it('RF-9 uses a token once more that another process renewed between refusal and second try', async () => {
  await using network = await startScriptedNetwork()
  const { session, other } = await signInTwice(network)
  network.home.pds.answerOnce(ECHO, refused)
  // The second try meets a token that has been replaced a moment before.
  network.home.pds.answerOnce(ECHO, async (_request, usual) => {
    await renew(other)
    return usual()
  })
  expect(await call(session, ECHO)).toBe(200)
  expect(network.sent(ECHO)).toHaveLength(3)
  expect(network.home.as.grants.counts).toMatchObject({ replays: 0 })
})

it('RF-9 stops after the third try, and keeps the session', async () => {
  await using network = await startScriptedNetwork()
  const { session, other } = await signInTwice(network)
  network.home.pds.answer(ECHO, async () => {
    await renew(other)
    return refused
  })
  expect(await refusalOf(call(session, ECHO))).toMatchObject({ code: 'token_rejected' })
  expect(network.sent(ECHO)).toHaveLength(3)
  network.home.pds.restore(ECHO)
  expect(await call(other, ECHO)).toBe(200)
})

it('RF-9 takes a newer token of the store even while the PDS is suspected', async () => {
  await using network = await startScriptedNetwork()
  const { session, other } = await signInTwice(network)
  network.home.pds.answer(ECHO, refused)
  expect(await refusalOf(call(session, ECHO))).toMatchObject({ code: 'token_rejected' })
  network.home.pds.restore(ECHO)
  await renew(other)
  expect(await call(session, ECHO)).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })
})

it('RF-9 tells a session that was signed out meanwhile', async () => {
  await using network = await startScriptedNetwork()
  const { session, other } = await signInTwice(network)
  await other.signOut()
  expect(await refusalOf(call(session, ECHO))).toMatchObject({ code: 'session_ended' })
})

it('R5 starts one refresh for 1,000 refusals of 50 callers', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const client = createScriptedClient(network, { store })
  const session = await signIn(network, client)
  await call(session)
  network.home.pds.answer(ECHO, refused)
  const callers = await Promise.all(
    Array.from({ length: 50 }, () => client.restore(session.did, false, { sessionId: session.id })),
  )
  const work = callers.map(async (caller) => {
    for (let round = 0; round < 20; round += 1) await call(caller, ECHO).catch(() => undefined)
  })
  await Promise.all(work)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  expect((await session.getTokenInfo(false)).expired).toBe(false)
}, 60_000)
