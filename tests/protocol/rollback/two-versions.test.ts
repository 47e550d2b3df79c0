/** The previous version and the working tree run at the same time on one store, as in a rolling deployment. */
import { setTimeout as pause } from 'node:timers/promises'
import type { OAuthClient, OAuthSession, Store } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { createGate, holdAnswer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'
import { SECRET } from './keys.ts'
import { type Library, orders } from './library.ts'
import { sha256 } from './open-row.ts'
import { redis, sqlite, startServers, stopServers } from './shared-stores.ts'
import {
  APP_STATE,
  describeClient,
  LABEL,
  readKeyset,
  signIn,
  startWritingNetwork,
  type WritingNetwork,
} from './write-client.ts'
import { CONFIDENTIAL, LOOPBACK } from './written.ts'

const HOUR_MS = 3_600_000
const TOKEN = '/oauth/token'

const cases = [
  { shared: sqlite, publicUrl: CONFIDENTIAL, what: 'SQLite, confidential client' },
  { shared: sqlite, publicUrl: LOOPBACK, what: 'SQLite, loopback client' },
  { shared: redis, publicUrl: CONFIDENTIAL, what: 'Redis, confidential client' },
].flatMap((stage) => orders.map((order) => ({ ...stage, ...order })))

beforeAll(startServers, 180_000)
afterAll(stopServers)

interface ProcessOptions {
  readonly library: Library
  readonly store: Store
  readonly publicUrl: string
  readonly network: WritingNetwork
}

/** A process that has just started: it remembers nothing. */
async function startProcess({ library, store, publicUrl, network }: ProcessOptions): Promise<OAuthClient> {
  return new library.OAuthClient({
    clientMetadata: describeClient(library, publicUrl),
    keyset: await readKeyset(library, publicUrl),
    secrets: [SECRET],
    store,
    localNetwork: network.localNetwork,
    now: network.now,
    onWarning: () => undefined,
  })
}

/** Leases that exclude no other process, as if they had expired: only the refresh marker is left. */
function withoutLeases(store: Store): Store {
  return { ...store, lease: async () => true, release: async () => undefined }
}

describe.each(cases)('$title ($what)', ({ one, other, shared, publicUrl }) => {
  async function start(adapt: (store: Store) => Store = (store) => store) {
    const network = await startWritingNetwork()
    const open = await shared.create()
    const stores = new Map([one, other].map((library) => [library, adapt(open(library, network.now))]))
    const storeOf = (library: Library) => {
      const store = stores.get(library)
      if (!store) throw new Error('A version without a store.')
      return store
    }
    const process = (library: Library) =>
      startProcess({ library, store: storeOf(library), publicUrl, network })
    const restore = async (library: Library, { did, id }: OAuthSession) =>
      (await process(library)).restore(did, false, { sessionId: id })
    return {
      network,
      storeOf,
      process,
      restore,
      // Without a nonce a request is answered with one, and its refresh token is not used.
      refreshes: () =>
        tokenRequests(network, 'refresh_token').filter(({ proof }) => proof?.claims.nonce !== undefined)
          .length,
      [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
    }
  }

  /** A session that is open in both versions, with an access token that has just expired. */
  async function startExpired(adapt?: (store: Store) => Store) {
    const started = await start(adapt)
    const { network, process, restore } = started
    const first = await signIn(await process(one), alice, { as: network.home.as, label: LABEL })
    const second = await restore(other, first)
    expect([await call(first), await call(second)]).toEqual([200, 200])
    network.advance(HOUR_MS)
    return { ...started, first, second }
  }

  it('each version goes on with the tokens that the other has refreshed', async () => {
    await using started = await startExpired()
    const { network, first, second, restore, refreshes } = started
    expect([await call(second), refreshes()]).toEqual([200, 1])
    expect([await call(first), refreshes()]).toEqual([200, 1])
    network.advance(HOUR_MS)
    expect([await call(await restore(one, first)), refreshes()]).toEqual([200, 2])
    expect([await call(second), await call(await restore(other, first)), refreshes()]).toEqual([200, 200, 2])
    network.advance(HOUR_MS)
    expect([await call(await restore(other, first)), await call(first), refreshes()]).toEqual([200, 200, 3])
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 3, replays: 0 })
    expect(network.violations).toEqual([])
  })

  it('one version finishes a sign-in that the other has begun, and it is used up for both', async () => {
    await using started = await start()
    const { network, process } = started
    const { url } = await (await process(one)).start(alice.handle, { state: APP_STATE })
    const params = network.home.as.approve(url, alice.did).searchParams
    const { session, state } = await (await process(other)).callback(params)
    expect([state, await call(session)]).toEqual([APP_STATE, 200])
    expect(await refusalOf((await process(one)).callback(params))).toMatchObject({ code: 'state_unknown' })
    expect(network.violations).toEqual([])
  })

  it('when both refresh at the same moment, one refresh token is sent', async () => {
    await using started = await startExpired()
    const { network, first, second, refreshes } = started
    await Promise.all([first.refresh(), second.refresh()])
    expect([await call(first), await call(second), refreshes()]).toEqual([200, 200, 1])
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('a refresh holds the lease that the other version asks for', async () => {
    await using started = await startExpired()
    const { network, storeOf, first } = started
    const gate = createGate()
    network.home.as.answerOnce(TOKEN, async (_, usual) => {
      await gate.pass()
      return usual()
    })
    const refresh = first.refresh()
    await gate.reached
    const lease = `refresh:${sha256(first.id)}`
    expect(await storeOf(other).lease(lease, 'another process', 1_000)).toBe(false)
    gate.open()
    await refresh
    expect(await storeOf(other).lease(lease, 'another process', 1_000)).toBe(true)
  })

  it('a refresh marker of one version holds back the other until the answer is there', async () => {
    await using started = await startExpired(withoutLeases)
    const { network, first, second, refreshes } = started
    const gate = createGate()
    network.home.as.answerOnce(TOKEN, holdAnswer(gate))
    const waiting = call(first)
    await gate.reached
    const later = call(second)
    await pause(600)
    expect(refreshes()).toBe(1)
    gate.open()
    expect(await Promise.all([waiting, later])).toEqual([200, 200])
    expect(refreshes()).toBe(1)
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('when one version dies during a refresh, the other refreshes once the marker has expired', async () => {
    await using started = await startExpired(withoutLeases)
    const { network, first, second, refreshes } = started
    const gate = createGate()
    network.home.as.answerOnce(TOKEN, async () => {
      await gate.pass()
      return { drop: true }
    })
    const dead = call(first).catch(() => 0)
    await gate.reached
    const later = call(second)
    await pause(600)
    expect(refreshes()).toBe(1)
    network.advance(36_000)
    expect([await later, refreshes()]).toEqual([200, 2])
    gate.open()
    await dead
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('both count in the same counters', async () => {
    await using started = await start()
    const counts = []
    for (const library of [one, other, one])
      counts.push(await started.storeOf(library).increment('login:test', HOUR_MS))
    expect(counts).toEqual([1, 2, 3])
  })

  it('both list the same sessions, and a session that one version has ended is over for the other', async () => {
    await using started = await start()
    const { network, process, restore } = started
    const [mine, theirs] = [await process(one), await process(other)]
    const first = await signIn(mine, alice, { as: network.home.as, label: LABEL })
    network.advance(1_000)
    const second = await signIn(theirs, alice, { as: network.home.as, label: LABEL })
    const devices = await mine.listSessions(alice.did)
    expect(devices).toHaveLength(2)
    // 0.1.0 does not know isConnection.
    const fields = ({ deviceId, label, createdAt, lastUsedAt, isActive }: (typeof devices)[number]) =>
      [deviceId, label, createdAt, lastUsedAt, isActive] as const
    expect((await theirs.listSessions(alice.did)).map(fields)).toEqual(devices.map(fields))

    const [seen, seenToo] = [await restore(other, first), await restore(one, second)]
    await theirs.revoke(alice.did, { deviceId: devices[1]?.deviceId })
    expect(await refusalOf(first.getTokenInfo(false))).toMatchObject({ code: 'session_ended' })
    expect(await refusalOf(seen.getTokenInfo(false))).toMatchObject({ code: 'session_ended' })
    await seenToo.signOut()
    expect(await refusalOf(second.getTokenInfo(false))).toMatchObject({ code: 'session_ended' })
    expect([await mine.listSessions(alice.did), await theirs.listSessions(alice.did)]).toEqual([[], []])
    expect(network.home.as.grants.counts).toMatchObject({ revocations: 2 })
  })
})
