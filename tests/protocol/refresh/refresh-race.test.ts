/** Many callers, one refresh: in one process and between clients that share a store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createSqliteStore } from '../../../lib/store/sqlite.ts'
import {
  call,
  createScriptedClient,
  signIn,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const HOUR_MS = 3_600_000
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

function expectRotations(network: ScriptedNetwork, rotations: number): void {
  expect(network.home.as.grants.counts).toMatchObject({ rotations, replays: 0 })
  expect(network.violations).toEqual([])
}

describe('RF-2 one refresh for 50 parallel calls with an expired token', () => {
  it('on one session object', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.advance(HOUR_MS)
    expect(new Set(await times(50, () => call(session)))).toEqual(new Set([200]))
    expectRotations(network, 1)
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  })

  it('on a session object for each call, as a web server has', async () => {
    await using network = await startScriptedNetwork()
    const { client, session } = await signInWarm(network)
    network.advance(HOUR_MS)
    const restored = await times(50, () => client.restore(session.did, false, { sessionId: session.id }))
    expect(new Set(await times(50, async (index) => call(restored[index] ?? session)))).toEqual(
      new Set([200]),
    )
    expectRotations(network, 1)
  })

  it('on two clients with one memory store', async () => {
    await using network = await startScriptedNetwork()
    const store = createMemoryStore({ now: network.now })
    await expectOneRefresh(network, [store, store])
  })

  it('on two clients with one SQLite file', async () => {
    await using network = await startScriptedNetwork()
    const open = () => createSqliteStore({ path: join(folder, 'race.sqlite'), now: network.now })
    const stores = [open(), open()] as const
    await expectOneRefresh(network, stores)
    await Promise.all(stores.map((store) => store.close()))
  })

  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'protocol-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function expectOneRefresh(network: ScriptedNetwork, stores: readonly [Store, Store]): Promise<void> {
    const [first, second] = stores.map((store) => createScriptedClient(network, { store }))
    if (!first || !second) throw new Error('two clients were expected')
    const { did, id } = await signIn(network, first)
    const sessions = await times(2, (index) =>
      (index ? second : first).restore(did, false, { sessionId: id }),
    )
    for (let round = 1; round <= 3; round += 1) {
      network.advance(HOUR_MS)
      const statuses = await times(50, async (index) =>
        call(sessions[index % 2] ?? (await first.restore(did, false, { sessionId: id }))),
      )
      expect(new Set(statuses)).toEqual(new Set([200]))
      expectRotations(network, round)
    }
  }
})

describe('RF-9 R5 one refresh when the PDS calls the token of 50 parallel calls invalid', () => {
  /** The token is dead at the PDS although it has not ended; the refresh token still works. */
  function killToken(network: ScriptedNetwork, isLate: (refusal: number) => boolean): void {
    const { grants } = network.home.as
    const dead = grants.all.at(0)?.accessToken
    let refusals = 0
    network.home.pds.answer('*', async (request, usual) => {
      if (request.accessToken !== dead) return usual()
      if (isLate(refusals++)) {
        while (grants.counts.rotations === 0) await sleep(5)
        await sleep(100)
      }
      return { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' }, body: '' }
    })
  }
  const everySecond = (refusal: number) => refusal % 2 === 1

  it('on one session object, when all refusals come at once', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    killToken(network, () => false)
    expect(new Set(await times(50, () => call(session)))).toEqual(new Set([200]))
    expectRotations(network, 1)
  })

  it('on one session object, when half of the refusals come after the refresh', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    killToken(network, everySecond)
    expect(new Set(await times(50, () => call(session)))).toEqual(new Set([200]))
    expectRotations(network, 1)
  })

  it('on a session object for each call, when half of the refusals come after the refresh', async () => {
    await using network = await startScriptedNetwork()
    const { client, session } = await signInWarm(network)
    const restored = await times(50, () => client.restore(session.did, false, { sessionId: session.id }))
    killToken(network, everySecond)
    expect(new Set(await times(50, async (index) => call(restored[index] ?? session)))).toEqual(
      new Set([200]),
    )
    expectRotations(network, 1)
  })
})
