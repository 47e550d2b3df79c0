/** Refreshes that go wrong: who keeps the session and who ends it. */
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
import { bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { type Answer, alter, createGate, holdAnswer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000
/** After it, whoever sent a refresh token is not waiting for the answer any more. */
const DEADLINE_MS = 36_000
const error = (status: number, code: string): Answer => ({ status, json: { error: code } })

const kept: readonly [string, Answer][] = [
  ['a dropped connection', { drop: true }],
  ['503', { status: 503, body: 'Service Unavailable' }],
  ['500 with JSON', error(500, 'server_error')],
  ['502 with a page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway' }],
  ['429', { ...error(429, 'slow_down'), headers: { 'retry-after': '3600' } }],
  ['429 with a garbled Retry-After', { status: 429, headers: { 'retry-after': 'soon' } }],
  ['400 invalid_client', error(400, 'invalid_client')],
  ['401 invalid_client', error(401, 'invalid_client')],
  ['400 invalid_client_metadata', error(400, 'invalid_client_metadata')],
  ['400 invalid_request', error(400, 'invalid_request')],
  ['400 invalid_dpop_proof', error(400, 'invalid_dpop_proof')],
  ['400 with a page', { status: 400, headers: { 'content-type': 'text/html' }, body: 'invalid_grant' }],
  ['404', { status: 404, body: 'Not found' }],
  ['a redirect', { status: 302, headers: { location: '/login' } }],
  ['200 with a page', { headers: { 'content-type': 'text/html' }, body: '<h1>Maintenance' }],
  ['200 without tokens', { json: { token_type: 'DPoP' } }],
  ['200 with invalid_grant', { json: { error: 'invalid_grant' } }],
  ...[302, 403, 407, 429, 500, 502, 503].map((status): [string, Answer] => [
    `${status} with invalid_grant`,
    error(status, 'invalid_grant'),
  ]),
]

it.each(kept)('RF-7 S10 keeps the session after %s, and it works afterwards', async (_, answer) => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, answer)
  expect(await refusalOf(call(session))).toMatchObject({ code: 'refresh_failed', sub: session.did })
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  network.home.as.restore(TOKEN)
  // The longest that a Retry-After may hold up a session.
  network.advance(5 * 60_000)
  expect(await call(await client.restore(session.did, false, { sessionId: session.id }))).toBe(200)
  expect(await call(session)).toBe(200)
})

it('RF-7 says which server failed and how, and that it may work later', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, { status: 503 })
  expect(await refusalOf(call(session))).toMatchObject({
    name: 'TokenRefreshError',
    issuer: network.home.as.origin,
    retryable: true,
    cause: { status: 503 },
  })
})

it('RV-3 the account can sign out while its server is down', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.home.as.answer('*', { status: 503 })
  await session.signOut()
  expect(await refusalOf(client.restore(session.did, false, { sessionId: session.id }))).toMatchObject({
    code: 'session_ended',
  })
})

it('S10 keeps serving with a token that is still valid while it cannot be renewed early', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.as.answer(TOKEN, { status: 503 })
  network.advance(HOUR_MS - 20_000)
  expect(await call(session)).toBe(200)
})

it('S10 keeps serving until a token ends, to its last second, while the store is down', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  const store: Store = { ...memory }
  const { session } = await signInWarm(network, { store })
  store.lease = () => Promise.reject(new StoreUnavailableError('down'))
  network.advance(HOUR_MS - 1_000)
  expect(await call(session)).toBe(200)
  network.advance(1_000)
  expect(await refusalOf(call(session))).toMatchObject({ code: 'store_unavailable' })
})

it('S10 asks no more while a Retry-After runs', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, { ...error(429, 'slow_down'), headers: { 'retry-after': '60' } })
  for (let second = 0; second < 5; second += 1) {
    expect(await refusalOf(call(session))).toMatchObject({ code: 'refresh_failed' })
    network.advance(1_000)
  }
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it.each([
  ['pushed request', '/oauth/par', 429],
  ['revocation', '/oauth/revoke', 503],
])('S10 renews the other sessions while the Retry-After of a %s runs', async (_, path, status) => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const other = await signIn(network, client)
  network.home.as.answer(path, { ...error(status, 'slow_down'), headers: { 'retry-after': '300' } })
  await (path === '/oauth/par' ? refusalOf(client.start(session.did)) : other.signOut())
  expect(network.sent(path, network.home.as.origin).length).toBeGreaterThan(0)
  await session.refresh()
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('RF-6 ends the session when the refresh token is refused and the row has not moved', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, error(400, 'invalid_grant'))
  expect(await refusalOf(call(session))).toMatchObject({ name: 'TokenRevokedError' })
  network.home.as.restore(TOKEN)
  await refusalOf(client.restore(session.did, false, { sessionId: session.id }))
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('RF-6 ends the session, and tells of it once, although its use is noted at the same moment', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let notes = 0
  const store: Store = {
    ...memory,
    async update(key, value, generation, ttlMs) {
      const row = await memory.get(key)
      // Between the refusal and the note of it.
      if (row && tokenRequests(network, 'refresh_token').length === 1 && notes++ === 0)
        await memory.update(key, row.value, row.generation, ttlMs)
      return memory.update(key, value, generation, ttlMs)
    },
  }
  const { client, session } = await signInWarm(network, { store })
  const ended: string[] = []
  client.addEventListener('deleted', ({ detail }) => ended.push(detail.sessionId))
  network.home.as.answer(TOKEN, error(400, 'invalid_grant'))
  expect(await refusalOf(session.refresh())).toMatchObject({ code: 'session_ended', reason: 'revoked' })
  expect(await client.describeSession(session.id)).toMatchObject({ isActive: false, reason: 'revoked' })
  await refusalOf(session.refresh())
  expect(ended).toEqual([session.id])
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it.each([
  ['another account’s', { sub: bob.did }],
  ['not bound by DPoP', { token_type: 'Bearer' }],
])('I3 RF-4 ends the session when the renewed tokens are %s, and revokes them', async (_, changes) => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const ended: unknown[] = []
  client.addEventListener('deleted', ({ detail }) => ended.push(detail.cause))
  network.home.as.answerOnce(TOKEN, async (_request, usual) => alter(await usual(), changes))
  expect(await refusalOf(session.refresh())).toMatchObject({ reason: 'account_mismatch' })
  expect(await client.describeSession(session.id)).toMatchObject({ isActive: false })
  expect(ended).toEqual([expect.objectContaining({ reason: 'account_mismatch' })])
  const [grant] = network.home.as.grants.all
  expect(network.sent('/oauth/revoke').map(({ form }) => form.get('token'))).toEqual([grant?.refreshToken])
  expect(grant?.alive).toBe(false)
})

/** A store whose leases protect nothing, as after a pause longer than a lease. */
function createStoreWithoutLeases(now: () => number): Store {
  return { ...createMemoryStore({ now }), lease: async () => true }
}

it('RF-6 S11 goes on with the tokens of another process when its own late refresh is refused', async () => {
  await using network = await startScriptedNetwork()
  const store = createStoreWithoutLeases(network.now)
  const { session } = await signInWarm(network, { store })
  const twin = await createScriptedClient(network, { store }).restore(session.did, false, {
    sessionId: session.id,
  })
  network.advance(HOUR_MS)
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, async () => {
    await gate.pass()
    return error(400, 'invalid_grant')
  })
  const late = call(session)
  await gate.reached
  network.advance(DEADLINE_MS)
  expect(await call(twin)).toBe(200)
  gate.open()
  expect(await late).toBe(200)
  expect(network.home.as.grants.counts.rotations).toBe(1)
})

it('S3 never sends a request without token when another process ended the session during its refresh', async () => {
  await using network = await startScriptedNetwork()
  const store = createStoreWithoutLeases(network.now)
  const { session } = await signInWarm(network, { store })
  const twin = await createScriptedClient(network, { store }).restore(session.did, false, {
    sessionId: session.id,
  })
  network.advance(HOUR_MS)
  const gate = createGate()
  network.home.as.answerOnce(TOKEN, holdAnswer(gate))
  const late = call(session)
  await gate.reached
  network.advance(DEADLINE_MS)
  // The same refresh token a second time: the server ends the grant, and the twin notes it in the row.
  expect(await refusalOf(call(twin))).toMatchObject({ code: 'session_ended' })
  gate.open()
  expect(await refusalOf(late)).toMatchObject({ code: 'session_ended' })
  expect(network.requests.filter(({ headers }) => headers.authorization?.trim() === 'DPoP')).toEqual([])
})

it('S4 keeps the new tokens although the first writes fail', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let writes = 0
  const store: Store = {
    ...memory,
    // The first write is the intent; the two after it bring the new tokens.
    update(...args) {
      writes += 1
      const isBusy = writes === 2 || writes === 3
      return isBusy ? Promise.reject(new StoreUnavailableError('busy')) : memory.update(...args)
    },
  }
  const { client, session } = await signInWarm(network, { store })
  network.advance(HOUR_MS)
  expect(await call(session)).toBe(200)
  network.advance(HOUR_MS)
  expect(await call(await client.restore(session.did, false, { sessionId: session.id }))).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })
})

it('S5 calls it store_unavailable when the store fails before a refresh, and sends nothing', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let down = false
  const store: Store = {
    ...memory,
    get: (key) => (down ? Promise.reject(new StoreUnavailableError('down')) : memory.get(key)),
  }
  const { session } = await signInWarm(network, { store })
  network.advance(HOUR_MS)
  down = true
  expect(await refusalOf(call(session))).toMatchObject({ code: 'store_unavailable', retryable: true })
  expect(tokenRequests(network, 'refresh_token')).toEqual([])
  down = false
  expect(await call(session)).toBe(200)
})

it('S2 tries the old refresh token again after a lost answer, and ends cleanly when it was used', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answerOnce(TOKEN, async (_, usual) => ({ ...(await usual()), drop: true }))
  expect(await refusalOf(call(session))).toMatchObject({ code: 'refresh_failed' })
  network.advance(DEADLINE_MS)
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(2)
})
