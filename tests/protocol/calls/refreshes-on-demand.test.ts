/** A PDS that asks for refreshes: one for each session and minute, however it asks and whatever succeeds in between. */
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  call,
  createScriptedClient,
  signIn,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
const UPLOAD = '/xrpc/com.atproto.repo.uploadBlob'
const MINUTE_MS = 60_000
const challenge: Answer = {
  status: 401,
  headers: { 'www-authenticate': 'DPoP error="invalid_token"' },
  json: { error: 'invalid_token' },
}
const named: Answer = { status: 401, json: { error: 'ExpiredToken' } }
const refreshes = (network: ScriptedNetwork) => tokenRequests(network, 'refresh_token').length
const upload = (session: OAuthSession) =>
  session.fetchHandler(UPLOAD, { method: 'POST', body: new Blob(['data']).stream() })

it('R5 a PDS that answers 401 and 200 in turn gets one refresh for 300 calls, and then one a minute', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const statuses: number[] = []
  for (let round = 0; round < 150; round += 1) {
    network.home.pds.answerOnce(ECHO, challenge)
    statuses.push(await call(session, ECHO))
    statuses.push(await call(session, ECHO))
  }
  expect(refreshes(network)).toBe(1)
  expect(statuses).toEqual([200, 200, ...Array.from({ length: 149 }, () => [401, 200]).flat()])
  network.advance(MINUTE_MS)
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
  expect(refreshes(network)).toBe(2)
})

it('R5 a PDS gets no second refresh by asking in another way: challenges, names and streams share one budget', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  for (const answer of [challenge, named, challenge, { ...named, status: 400 }]) {
    network.home.pds.answerOnce(ECHO, answer)
    await call(session, ECHO)
    network.home.pds.answerOnce(UPLOAD, answer)
    await (await upload(session)).body?.cancel()
    network.advance(1_000)
  }
  expect(refreshes(network)).toBe(1)
})

it('R5 hands the answer over as it came when the minute has had its refresh', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
  network.home.pds.answer(ECHO, challenge)
  const response = await session.fetchHandler(ECHO)
  expect([response.status, response.headers.get('www-authenticate'), await response.json()]).toEqual([
    401,
    'DPoP error="invalid_token"',
    { error: 'invalid_token' },
  ])
  expect(await refusalOf(session.get('com.example.echo'))).toMatchObject({ name: 'XrpcError', status: 401 })
  expect(session.isEnded).toBe(false)
  network.home.pds.restore(ECHO)
  expect(await call(session, ECHO)).toBe(200)
})

it('R5 a PDS gets no further refresh from another process of the application', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store })
  const inOtherProcess = () =>
    createScriptedClient(network, { store }).restore(session.did, false, { sessionId: session.id })
  for (const process of [session, await inOtherProcess(), await inOtherProcess()]) {
    network.home.pds.answerOnce(ECHO, challenge)
    await call(process, ECHO)
  }
  expect(refreshes(network)).toBe(1)
})

it('R5 a PDS gets no further refresh from a process that begins with the new tokens, after a restart for instance', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store })
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
  for (let restart = 0; restart < 3; restart += 1) {
    const client = createScriptedClient(network, { store })
    const again = await client.restore(session.did, false, { sessionId: session.id })
    network.home.pds.answerOnce(ECHO, challenge)
    expect(await call(again, ECHO)).toBe(401)
  }
  expect(refreshes(network)).toBe(1)
})

it('R5 a refresh for another reason is not counted', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  await session.refresh()
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
  expect(refreshes(network)).toBe(2)
})

it('R5 a refresh that another clock dates far ahead does not keep tokens from being replaced', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store })
  const ahead = createScriptedClient(network, { store, now: () => network.now() + 10 * MINUTE_MS })
  network.home.pds.answerOnce(ECHO, challenge)
  await call(await ahead.restore(session.did, false, { sessionId: session.id }), ECHO)
  await session.getTokenInfo(false)
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
  expect(refreshes(network)).toBe(2)
})

it('R5 a token that has ended by its own time is refreshed whatever the minute', async () => {
  await using network = await startScriptedNetwork({ lifetimeMs: 20_000 })
  const { session } = await signInWarm(network)
  for (let round = 1; round <= 4; round += 1) {
    network.home.pds.answerOnce(ECHO, () => {
      network.advance(20_000)
      return challenge
    })
    expect(await call(session, ECHO)).toBe(200)
    expect(refreshes(network)).toBe(round)
  }
})

it('R5 calls that are refused together all get the new token', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const all = Promise.withResolvers<Answer>()
  let refused = 0
  for (let count = 0; count < 10; count += 1) {
    network.home.pds.answerOnce(ECHO, () => {
      refused += 1
      if (refused === 10) all.resolve(challenge)
      return all.promise
    })
  }
  const calls = Array.from({ length: 10 }, () => call(session, ECHO))
  expect(await Promise.all(calls)).toEqual(Array(10).fill(200))
  expect(refreshes(network)).toBe(1)
})

it('R5 a refresh that failed is tried again after ten seconds, and calls until then say so', async () => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  network.home.as.answer('/oauth/token', { status: 500, body: '' })
  network.home.pds.answer(ECHO, challenge)
  const first = await refusalOf(call(session, ECHO))
  expect(first).toMatchObject({ code: 'refresh_failed' })
  network.home.as.restore('/oauth/token')
  network.advance(4_000)
  for (const send of [() => call(session, ECHO), () => session.get('com.example.echo')]) {
    expect(await refusalOf(send())).toMatchObject({
      name: 'TokenRefreshError',
      code: 'refresh_failed',
      did: session.did,
      retryable: true,
      retryAfterMs: 6_000,
      issuer: network.home.as.origin,
      cause: first,
    })
  }
  // Without a challenge it may mean something else than the token.
  network.home.pds.answer(ECHO, named)
  expect(await call(session, ECHO)).toBe(401)
  expect(refreshes(network)).toBe(1)
  network.home.pds.restore(ECHO)
  network.advance(6_000)
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
})

it('R5 a caller that stops waiting while the server wants to be left alone keeps the next call from no refresh', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const controller = new AbortController()
  network.home.pds.answerOnce(ECHO, challenge)
  network.home.as.answerOnce('/oauth/token', () => {
    setTimeout(() => controller.abort(new Error('too late')), 50)
    return { status: 429, headers: { 'retry-after': '5' }, body: '' }
  })
  const gone = session.fetchHandler(ECHO, { signal: controller.signal })
  await expect(gone).rejects.toThrow('too late')
  network.advance(6_000)
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
})

it('S5 a refresh that a store kept from beginning is tried again by the next call, as soon as the store is back', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let isDown = false
  const lease: Store['lease'] = async (...args) => {
    if (isDown) throw new StoreUnavailableError('The database is down.')
    return memory.lease(...args)
  }
  const { session } = await signInWarm(network, { store: { ...memory, lease } })
  network.home.pds.answer(ECHO, challenge)
  isDown = true
  for (const _ of [1, 2]) {
    expect(await refusalOf(call(session, ECHO))).toMatchObject({ code: 'store_unavailable' })
  }
  isDown = false
  network.home.pds.restore(ECHO)
  network.home.pds.answerOnce(ECHO, challenge)
  expect(await call(session, ECHO)).toBe(200)
  expect(refreshes(network)).toBe(1)
})
