/** A refresh by itself: what is sent, and what of the answer is kept. */
import { expect, it, vi } from 'vitest'
import {
  call,
  createScriptedClient,
  signInWarm,
  startExpired,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import {
  alter,
  createGate,
  type RecordedRequest,
  type Script,
} from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000
const altered =
  (changes: Readonly<Record<string, unknown>>): Script =>
  async (_, usual) =>
    alter(await usual(), changes)

const keyOf = (request: RecordedRequest | undefined) => request?.proof?.header.jwk?.x

it('RF-1 RF-3 renews with the new refresh token each time, with the client and key of the start', async () => {
  const { network, client, session } = await startExpired()
  await using _ = network
  for (let round = 0; round < 3; round += 1) {
    expect(await call(session)).toBe(200)
    network.advance(HOUR_MS)
  }
  const requests = tokenRequests(network, 'refresh_token')
  expect(new Set(requests.map(({ form }) => form.get('refresh_token'))).size).toBe(3)
  expect(Object.fromEntries(requests.at(-1)?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: expect.any(String),
    client_id: client.clientMetadata.client_id,
  })
  expect(new Set(requests.map(keyOf))).toEqual(new Set([keyOf(network.sent('/oauth/par').at(-1))]))
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 3, replays: 0 })
  expect(network.violations).toEqual([])
})

it('RF-8 renews half a minute before the end, not earlier', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS - 31_000)
  await call(session)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(0)
  network.advance(1_000)
  await call(session)
  await vi.waitFor(() => expect(network.home.as.grants.counts.rotations).toBe(1))
})

it('RF-8 does not let a call wait for a token that is renewed early, and begins once for all of them', async () => {
  await using network = await startScriptedNetwork()
  const work: Promise<unknown>[] = []
  const { session } = await signInWarm(network, { waitUntil: (promise) => work.push(promise) })
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, async (_, usual) => {
    await gate.pass()
    return usual()
  })
  network.advance(HOUR_MS - 20_000)
  expect(await Promise.all(Array.from({ length: 20 }, () => call(session)))).toEqual(Array(20).fill(200))
  await gate.reached
  expect(await call(session)).toBe(200)
  gate.open()
  await Promise.all(work)
  expect(network.home.as.grants.counts.rotations).toBe(1)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('RF-8 waits for the new token when the old one may end on its way', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS - 4_000)
  expect(await call(session)).toBe(200)
  expect(network.home.as.grants.counts.rotations).toBe(1)
})

it('S10 begins an early refresh only every ten seconds while the server fails, and serves on', async () => {
  await using network = await startScriptedNetwork()
  const work: Promise<unknown>[] = []
  const { session } = await signInWarm(network, { waitUntil: (promise) => work.push(promise) })
  network.home.as.answer(TOKEN, { status: 503 })
  network.advance(HOUR_MS - 25_000)
  for (let second = 0; second < 11; second += 1) {
    expect(await call(session)).toBe(200)
    await Promise.all(work)
    network.advance(1_000)
  }
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(2)
})

it.each([
  ['no scope', { scope: undefined }],
  ['scope null', { scope: null }],
  ['a scope that is no text', { scope: 7 }],
  ['no sub', { sub: undefined }],
  ['sub null', { sub: null }],
  ['sub empty', { sub: '' }],
  ['no expires_in', { expires_in: undefined }],
  ['expires_in as text', { expires_in: '3600' }],
  ['expires_in -5', { expires_in: -5 }],
  ['token_type DPOP', { token_type: 'DPOP' }],
  ['no token_type', { token_type: undefined }],
  ['token_type null', { token_type: null }],
  ['token_type empty', { token_type: '' }],
  ['an id_token', { id_token: 'a.b.c' }],
  ['unknown members', { extra: 1 }],
])('RF-4 stores the new pair of an answer with %s', async (_, changes) => {
  const { network, session, restore } = await startExpired()
  await using _network = network
  network.home.as.answerOnce(TOKEN, altered(changes))
  expect(await call(session)).toBe(200)
  expect((await restore()).scope).toBe('atproto repo:app.bsky.feed.post')
  network.advance(HOUR_MS)
  expect(await call(await restore())).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })
})

it('RF-4 keeps the old refresh token when the answer brings none', async () => {
  const { network, session } = await startExpired()
  await using _ = network
  network.home.as.answerOnce(TOKEN, altered({ refresh_token: undefined }))
  expect(await call(session)).toBe(200)
  network.advance(HOUR_MS)
  await refusalOf(call(session))
  const sent = tokenRequests(network, 'refresh_token').map(({ form }) => form.get('refresh_token'))
  expect(new Set(sent).size).toBe(1)
})

it('RF-4 stores a smaller scope', async () => {
  const { network, session, restore } = await startExpired()
  await using _ = network
  network.home.as.answerOnce(TOKEN, altered({ scope: 'atproto' }))
  await call(session)
  expect((await restore()).scope).toBe('atproto')
})

it('DP-13 stores the pair of an answer without DPoP-Nonce', async () => {
  const { network, session } = await startExpired()
  await using _ = network
  network.home.as.answerOnce(TOKEN, async (_request, usual) => ({ ...(await usual()), headers: {} }))
  expect(await call(session)).toBe(200)
})

it.each([
  ['another sub', { sub: bob.did }],
  ['tokens that are not bound', { token_type: 'Bearer' }],
  ['tokens of a type that is no text', { token_type: ['DPoP'] }],
])('RF-4 I3 ends the session on %s, and never sends the foreign token', async (_, changes) => {
  const { network, session, restore } = await startExpired()
  await using _network = network
  network.home.as.answerOnce(TOKEN, altered(changes))
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  const foreign = network.home.as.grants.all.at(0)?.accessToken
  await refusalOf(call(session))
  expect(await refusalOf(restore())).toMatchObject({ code: 'session_ended' })
  expect(network.requests.map(({ accessToken }) => accessToken)).not.toContain(foreign)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('SL-1 takes the end of a session as normal: invalid_grant ends it', async () => {
  const { network, session, client } = await startExpired()
  await using _ = network
  network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
  expect(await refusalOf(call(session))).toMatchObject({ name: 'TokenRevokedError', sub: alice.did })
  expect(await refusalOf(client.restore(session.did, false, { sessionId: session.id }))).toMatchObject({
    code: 'session_ended',
  })
  await refusalOf(call(session))
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('ends the session when its token ended and there is no refresh token, without a token request', async () => {
  await using network = await startScriptedNetwork()
  network.home.as.answerOnce(TOKEN, altered({ refresh_token: undefined }))
  const client = createScriptedClient(network)
  const { session } = await client.callback(
    network.home.as.approve((await client.start(alice.did)).url, alice.did).searchParams,
  )
  network.advance(HOUR_MS)
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  expect(tokenRequests(network, 'refresh_token')).toEqual([])
})
