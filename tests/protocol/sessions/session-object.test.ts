/** What a session tells of itself and does besides calls: token info, refresh, handle. */
import { expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  createScriptedClient,
  signIn,
  signInWarm,
  startExpired,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { alice, didDocument, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const HOUR_MS = 3_600_000

it('getTokenInfo tells expiry, scope, issuer, PDS and account, and no token', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const info = await session.getTokenInfo()
  expect({ ...info }).toEqual({
    expiresAt: new Date(network.now() + HOUR_MS),
    expired: false,
    scope: session.scope,
    iss: network.home.as.origin,
    aud: network.home.pds.origin,
    sub: alice.did,
  })
  network.advance(HOUR_MS)
  expect(info.expired).toBe(true)
})

it.each([
  [false, 0, true],
  ['auto', 1, false],
  [true, 1, false],
] as const)('getTokenInfo(%s) of an ended token refreshes %i times', async (refresh, count, expired) => {
  const { network, session } = await startExpired()
  await using _network = network
  expect((await session.getTokenInfo(refresh)).expired).toBe(expired)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(count)
})

it.each([
  [false, 0],
  ['auto', 0],
  [true, 1],
] as const)('getTokenInfo(%s) of a fresh token refreshes %i times', async (refresh, count) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  await session.getTokenInfo(refresh)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(count)
})

it('getTokenInfo tells what another process has renewed', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const session = await signIn(network, createScriptedClient(network, { store }))
  const other = await createScriptedClient(network, { store }).restore(session.did, false, {
    sessionId: session.id,
  })
  network.advance(60_000)
  await other.refresh()
  expect((await session.getTokenInfo(false)).expiresAt).toEqual(new Date(network.now() + HOUR_MS))
})

it('RF-2 refresh renews once for many callers, and takes what another process has renewed', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const other = await client.restore(session.did, false, { sessionId: session.id })
  await Promise.all([session.refresh(), session.refresh(), other.refresh(), other.refresh()])
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
})

it('refresh tells a session that was ended', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  await session.signOut()
  expect(await refusalOf(session.refresh())).toMatchObject({ code: 'session_ended' })
})

it('ID-8 ID-11 I5 getHandle gives the handle that leads back to the account', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  expect(await session.getHandle()).toBe(alice.handle)
})

it('ID-8 getHandle gives null for a handle that leads elsewhere, or nowhere, or is none', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  for (const handle of ['bob.test', 'nobody.test', 'not a handle']) {
    // A cache must not answer for the account that it was.
    network.advance(HOUR_MS)
    network.plc.answer(`/${alice.did}`, { json: didDocument({ ...alice, handle }, session.pds) })
    expect(await session.getHandle()).toBeNull()
  }
})

it('getHandle tells a directory that is down from a handle that does not match', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.plc.answer('*', { status: 503, body: '' })
  expect(await refusalOf(session.getHandle())).toMatchObject({ code: 'server_unavailable' })
})
