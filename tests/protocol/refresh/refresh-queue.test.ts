/** A crowd whose tokens end together: the server is asked by so many at a time, and nothing else waits for them. */
import type { OAuthClient, OAuthSession } from 'next-atproto-auth/oauth'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { sha256 } from '../../../lib/crypto/hash.ts'
import { createClientMemory } from '../../../lib/oauth/client-memory.ts'
import { type RuntimeLock, requestLocalLock } from '../../../lib/oauth/records/local-lock.ts'
import { PLACES } from '../../../lib/oauth/tokens/refresh-queue.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { call, createScriptedClient, signIn, tokenRequests } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { alter, createGate } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'
import { useFakeTimers, useRealTimers } from '../../support/unit/fake-timers.ts'

const HOUR_MS = 3_600_000
const TOKEN = '/oauth/token'

afterEach(() => useRealTimers())

/** A process with so many sessions whose tokens have just ended, and a server that holds refreshes until it is opened. */
async function startCrowd(count: number, options: { readonly requestLock?: RuntimeLock } = {}) {
  const network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const memory = createClientMemory()
  const client = createScriptedClient(network, { store, memory, ...options })
  const sessions: OAuthSession[] = []
  while (sessions.length < count) sessions.push(await signIn(network, client))
  network.advance(HOUR_MS)
  const opened = Promise.withResolvers<void>()
  let [held, most] = [0, 0]
  network.home.as.answer(TOKEN, async ({ form }, usual) => {
    if (form.get('grant_type') !== 'refresh_token') return usual()
    held += 1
    most = Math.max(most, held)
    await opened.promise
    return Promise.resolve(usual()).finally(() => {
      held -= 1
    })
  })
  return {
    network,
    client,
    store,
    memory,
    sessions,
    open: opened.resolve,
    held: (expected: number) => expect.poll(() => held, { timeout: 10_000 }).toBe(expected),
    most: () => most,
    counts: () => network.home.as.grants.counts,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

const restore = (client: OAuthClient, { did, id }: OAuthSession) =>
  client.restore(did, false, { sessionId: id })
const refreshes = (network: ScriptedNetwork) => tokenRequests(network, 'refresh_token').length

it('S15 sends no refresh token twice while the queue is full, and asks by no more at a time than there are places', async () => {
  await using crowd = await startCrowd(PLACES + 40)
  const calls = crowd.sessions.flatMap((session) => [
    call(session),
    restore(crowd.client, session).then((other) => call(other)),
  ])
  await crowd.held(PLACES)
  crowd.open()
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
  expect(crowd.counts()).toMatchObject({ rotations: PLACES + 40, replays: 0 })
  expect(crowd.most()).toBe(PLACES)
  expect(crowd.network.violations).toEqual([])
  expect([crowd.memory.tokens.refreshes.size, crowd.memory.tokens.refreshQueues.size]).toEqual([0, 0])
})

it('S15 a refresh that waited for another process does not begin a second queue', async () => {
  await using crowd = await startCrowd(PLACES + 4)
  const [contended, ...others] = crowd.sessions
  if (!contended) throw new Error('a session was expected')
  const lease = [`refresh:${sha256(contended.id)}`, 'another process'] as const
  await crowd.store.lease(...lease, 15_000)
  const asked = vi.spyOn(crowd.store, 'lease')
  const calls = [call(contended)]
  // It has given its place back, and none is taken.
  await expect.poll(() => asked.mock.calls.length).toBeGreaterThan(1)
  calls.push(...others.map((session) => call(session)))
  await crowd.held(PLACES)
  await crowd.store.release(...lease)
  // Long enough for it to look again.
  await new Promise((resolve) => setTimeout(resolve, 500))
  crowd.open()
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
  expect(crowd.most()).toBe(PLACES)
  expect(crowd.memory.tokens.refreshQueues.size).toBe(0)
})

it('S15 sessions of one account that wait for the lock of the application leave the places to others', async () => {
  const requestLock: RuntimeLock = (name, fn) => requestLocalLock(name, fn)
  await using crowd = await startCrowd(PLACES + 2, { requestLock })
  const { network, client } = crowd
  const { url } = await client.start(bob.handle)
  const { session } = await client.callback(network.home.as.approve(url, bob.did).searchParams)
  network.advance(HOUR_MS)
  const calls = crowd.sessions.map((one) => call(one))
  await expect.poll(() => crowd.memory.tokens.refreshes.size).toBe(PLACES + 2)
  calls.push(call(session))
  // One of the account, and that of the other one.
  await crowd.held(2)
  crowd.open()
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
})

it('S15 finishes sign-ins and sign-outs at the same server while the queue is full', async () => {
  await using crowd = await startCrowd(PLACES + 2)
  const calls = crowd.sessions.map((session) => call(session))
  await crowd.held(PLACES)
  const session = await signIn(crowd.network, crowd.client)
  expect(await call(session)).toBe(200)
  await session.signOut()
  expect(crowd.counts()).toMatchObject({ rotations: 0, revocations: 1 })
  crowd.open()
  await Promise.all(calls)
})

it('S15 asks another server while the queue of one is full', async () => {
  await using crowd = await startCrowd(PLACES)
  const { network, client } = crowd
  const other = await network.addHome()
  network.move(bob, other.pds.origin)
  const { url } = await client.start(bob.handle)
  const { session } = await client.callback(other.as.approve(url, bob.did).searchParams)
  network.advance(HOUR_MS)
  const calls = crowd.sessions.map((one) => call(one))
  await crowd.held(PLACES)
  expect(await call(session)).toBe(200)
  expect(other.as.grants.counts).toMatchObject({ rotations: 1 })
  crowd.open()
  await Promise.all(calls)
})

it('S15 accounts whose PDS is slow to name its authorization server keep no place from the others there', async () => {
  await using crowd = await startCrowd(PLACES)
  const { network, client } = crowd
  const { url } = await client.start(bob.handle)
  const { session } = await client.callback(network.home.as.approve(url, bob.did).searchParams)
  network.advance(HOUR_MS)
  const slow = await network.addHome()
  const { pass, open } = createGate()
  let asked = 0
  slow.pds.answer('/.well-known/oauth-protected-resource', async () => {
    asked += 1
    await pass()
    return { json: { resource: slow.pds.origin, authorization_servers: [network.home.as.origin] } }
  })
  slow.pds.answer('/xrpc/app.bsky.actor.getPreferences', { json: {} })
  network.move(alice, slow.pds.origin)
  crowd.open()
  const calls = crowd.sessions.map((one) => call(one))
  await expect.poll(() => asked).toBeGreaterThan(0)
  expect(await call(session)).toBe(200)
  expect(crowd.counts()).toMatchObject({ rotations: 1 })
  open()
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
  expect(crowd.counts()).toMatchObject({ rotations: PLACES + 1, replays: 0 })
  expect([crowd.memory.tokens.refreshes.size, crowd.memory.tokens.refreshQueues.size]).toEqual([0, 0])
})

it('S15 a call whose caller goes gives up its wait: nothing is sent, and the place goes to the next', async () => {
  await using crowd = await startCrowd(PLACES + 3)
  const first = crowd.sessions.slice(0, PLACES).map((session) => call(session))
  await crowd.held(PLACES)
  const [waiting, next, shared] = crowd.sessions.slice(PLACES)
  if (!waiting || !next || !shared) throw new Error('three sessions were expected')
  const controller = new AbortController()
  const { signal } = controller
  const path = '/xrpc/com.example.echo'
  const given = refusalOf(waiting.fetchHandler(path, { signal }))
  const leaving = refusalOf(shared.fetchHandler(path, { signal }))
  const staying = call(shared)
  const following = call(next)
  await expect.poll(() => crowd.memory.tokens.refreshes.size).toBe(PLACES + 3)
  controller.abort(new Error('The visitor has gone.'))
  expect([(await given).message, (await leaving).message]).toEqual(Array(2).fill('The visitor has gone.'))
  await expect.poll(() => crowd.memory.tokens.refreshes.size).toBe(PLACES + 2)
  crowd.open()
  expect(await Promise.all([...first, staying, following])).toEqual(Array(PLACES + 2).fill(200))
  expect(crowd.counts()).toMatchObject({ rotations: PLACES + 2, replays: 0 })
  expect(await call(waiting)).toBe(200)
  expect(crowd.counts()).toMatchObject({ rotations: PLACES + 3, replays: 0 })
})

it('S15 a caller that comes just after the last one has gone begins a new wait', async () => {
  await using crowd = await startCrowd(PLACES + 1)
  const first = crowd.sessions.slice(0, PLACES).map((session) => call(session))
  await crowd.held(PLACES)
  const session = crowd.sessions.at(-1)
  if (!session) throw new Error('a session was expected')
  const controller = new AbortController()
  const given = refusalOf(session.fetchHandler('/xrpc/com.example.echo', { signal: controller.signal }))
  await expect.poll(() => crowd.memory.tokens.refreshes.size).toBe(PLACES + 1)
  controller.abort(new Error('gone'))
  const again = call(session)
  expect((await given).message).toBe('gone')
  crowd.open()
  expect(await Promise.all([...first, again])).toEqual(Array(PLACES + 1).fill(200))
})

it('S15 a refresh under way is finished and stored although its caller has gone', async () => {
  await using crowd = await startCrowd(1)
  const [session] = crowd.sessions
  if (!session) throw new Error('a session was expected')
  const controller = new AbortController()
  const given = refusalOf(session.fetchHandler('/xrpc/com.example.echo', { signal: controller.signal }))
  await crowd.held(1)
  controller.abort(new Error('gone'))
  await given
  const joined = call(session)
  crowd.open()
  expect(await joined).toBe(200)
  expect(crowd.counts()).toMatchObject({ rotations: 1, replays: 0 })
})

it('S15 says server_unavailable with a time to come back after thirty seconds; nothing was sent, and then it works', async () => {
  await using crowd = await startCrowd(PLACES + 1)
  const first = crowd.sessions.slice(0, PLACES).map((session) => call(session))
  await crowd.held(PLACES)
  const last = crowd.sessions.at(-1)
  if (!last) throw new Error('a session was expected')
  useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const refused = refusalOf(call(last))
  await vi.advanceTimersByTimeAsync(100)
  while (crowd.memory.tokens.refreshes.size <= PLACES) await new Promise((resolve) => setImmediate(resolve))
  await vi.advanceTimersByTimeAsync(30_000)
  useRealTimers()
  const error = await refused
  expect(error).toMatchObject({
    name: 'TokenRefreshError',
    code: 'server_unavailable',
    retryable: true,
    sent: false,
    retryAfterMs: expect.any(Number),
  })
  crowd.open()
  await Promise.all(first)
  expect(crowd.counts()).toMatchObject({ rotations: PLACES, replays: 0 })
  expect(await call(last)).toBe(200)
  expect(crowd.counts()).toMatchObject({ rotations: PLACES + 1, replays: 0 })
})

it('S15 calls with a token that is still valid go out with it while the queue is full', async () => {
  await using crowd = await startCrowd(PLACES)
  const { network, client } = crowd
  const inLastSeconds = await signIn(network, client)
  network.advance(18_000)
  const inLastMinute = await signIn(network, client)
  network.advance(HOUR_MS - 20_000)
  const calls = crowd.sessions.map((session) => call(session))
  await crowd.held(PLACES)
  expect(await Promise.all([call(inLastMinute), call(inLastSeconds)])).toEqual([200, 200])
  expect(crowd.counts()).toMatchObject({ rotations: 0 })
  crowd.open()
  await Promise.all(calls)
})

it('S15 S10 waits for the end of a short Retry-After and tries again: the token was not spent', async () => {
  await using crowd = await startCrowd(3)
  const { network } = crowd
  crowd.open()
  network.home.as.answerOnce(TOKEN, { status: 429, headers: { 'retry-after': '10' }, json: {} })
  const calls = crowd.sessions.map((session) => call(session))
  await expect.poll(() => crowd.counts().rotations).toBe(2)
  network.advance(10_000)
  expect(await Promise.all(calls)).toEqual([200, 200, 200])
  expect(crowd.counts()).toMatchObject({ rotations: 3, replays: 0 })
})

it('S15 S10 tells the time to come back when the server wants to be left alone for longer than one may wait', async () => {
  await using crowd = await startCrowd(2)
  const { network } = crowd
  network.home.as.answer(TOKEN, { status: 429, headers: { 'retry-after': '60' }, json: {} })
  const [first, second] = crowd.sessions
  if (!first || !second) throw new Error('two sessions were expected')
  expect(await refusalOf(call(first))).toMatchObject({
    code: 'refresh_failed',
    retryAfterMs: expect.any(Number),
  })
  const error = await refusalOf(call(second))
  expect(error).toMatchObject({ code: 'refresh_failed', retryAfterMs: expect.any(Number) })
  expect(refreshes(network)).toBeLessThanOrEqual(1)
})

it('S15 S10 an authorization server that names an endpoint at another one cannot make that one pause', async () => {
  await using crowd = await startCrowd(1)
  const { network, client } = crowd
  crowd.open()
  network.home.as.answer('/busy', { status: 503, headers: { 'retry-after': '120' }, json: {} })
  const evil = await network.addHome()
  const token_endpoint = `${network.home.as.origin}/busy`
  evil.as.answer('/.well-known/oauth-authorization-server', async (_, usual) =>
    alter(await usual(), { token_endpoint }),
  )
  network.move(bob, evil.pds.origin)
  const { url } = await client.start(bob.handle)
  await refusalOf(client.callback(evil.as.approve(url, bob.did).searchParams))
  expect(network.sent('/busy')).toHaveLength(1)
  expect(await Promise.all(crowd.sessions.map((session) => call(session)))).toEqual([200])
})

it('S15 S10 tries five times at a server that turns every refresh away for a moment, and then tells a time', async () => {
  await using crowd = await startCrowd(1)
  const { network } = crowd
  network.home.as.answer(TOKEN, { status: 429, headers: { 'retry-after': '1' }, json: {} })
  const clock = setInterval(() => network.advance(100), 20)
  onTestFinished(() => clearInterval(clock))
  const [session] = crowd.sessions
  if (!session) throw new Error('a session was expected')
  const error = await refusalOf(call(session))
  expect(error).toMatchObject({ code: 'refresh_failed', retryAfterMs: expect.any(Number) })
  expect(refreshes(network)).toBe(5)
})
