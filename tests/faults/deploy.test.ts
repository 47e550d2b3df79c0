/** Processes that are told to end, and the release of new ones while requests come in. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { storeKinds } from '../support/faults/store-place.ts'
import { createTokenGate } from '../support/faults/token-gate.ts'
import { HOUR_MS, startWorld, tally } from '../support/faults/world.ts'
import { call } from '../support/protocol/scripted-client.ts'

/** Within it, a renewal needs nobody to wait for it. */
const SOON_MS = 20_000

describe.each(storeKinds)('a process that is told to end, on %s', (kind) => {
  it('S14 SIGTERM in the middle of refreshes: it ends when their tokens are stored, also where nobody waits for them', async () => {
    await using world = await startWorld(kind)
    const [besides, waitedFor, givenUp] = [await world.signIn(), await world.signIn(), await world.signIn()]
    const [early, busy, idle, other] = await Promise.all([
      world.startWorker(),
      world.startWorker(),
      world.startWorker(),
      world.startWorker(),
    ])
    const gate = createTokenGate(world)
    for (const session of [besides, waitedFor, givenUp]) gate.hold(session, 'rotation')
    world.advance(HOUR_MS - SOON_MS)
    expect(await early.call([besides])).toEqual(['200'])
    // Its early refresh runs beside the call: time passes only when its request has arrived.
    await gate.held(1)
    world.advance(SOON_MS)
    const outcome = busy.call([waitedFor])
    const nothing = idle.ask({ do: 'abandon', sessions: [givenUp] })
    await gate.held(3)
    await idle.ask({ do: 'go' })
    expect(await nothing).toEqual(['given up'])

    const ending = [early, busy, idle]
    for (const worker of ending) worker.signal('SIGTERM')
    await Promise.all(ending.map((worker) => worker.ending))
    gate.open()
    expect(await Promise.all(ending.map((worker) => worker.exited))).toEqual([0, 0, 0])
    expect(await outcome).toEqual(['200'])
    expect(await other.call([besides, waitedFor, givenUp])).toEqual(['200', '200', '200'])
    expect(world.counts()).toMatchObject({ rotations: 3, replays: 0 })
  })

  it('S14 a rolling restart under load, with an expiry in the middle, loses nothing', async () => {
    await using world = await startWorld(kind)
    const sessions = await world.signInAll(6)
    const running = [...(await world.startWorkers(2))]
    const outcomes: Promise<readonly string[]>[] = []
    const load = (worker: (typeof running)[number]) =>
      outcomes.push(worker.ask({ do: 'load', sessions, lanes: 3 }))
    for (const worker of running) load(worker)
    for (let round = 0; round < 2; round += 1) {
      const fresh = await world.startWorker()
      load(fresh)
      running.push(fresh)
      // The word of a PDS renews a token once in a minute.
      world.advance(60_000)
      for (const grant of world.network.home.as.grants.all) grant.accessToken = 'ended'
      const old = running.shift()
      old?.signal('SIGTERM')
      expect(await old?.exited).toBe(0)
      await pause(100)
    }
    for (const worker of running) void worker.ask({ do: 'halt' })
    expect(Object.keys(tally((await Promise.all(outcomes)).flat()))).toEqual(['200'])
    const { replays, rotations } = world.counts()
    expect({ replays, isRenewed: rotations >= sessions.length }).toEqual({ replays: 0, isRenewed: true })
  })
})

it('S14 two instances of this library in one process share a store and one refresh, and know each other’s errors', async () => {
  await using world = await startWorld('sqlite')
  const session = await world.signIn()
  vi.resetModules()
  const copy = await import('../support/protocol/scripted-client.ts')
  const errors = await import('../../lib/errors.ts')
  const second = copy.createScriptedClient(world.network, { store: world.store })
  const restored = await Promise.all(
    [world.client, second].map((client) => client.restore(session.did, false, { sessionId: session.id })),
  )
  expect(second.constructor).not.toBe(world.client.constructor)
  world.advance(HOUR_MS)
  const calls = restored.flatMap((found) => Array.from({ length: 10 }, () => call(found)))
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
  expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
  await second.revoke(session.did)
  const refusal = await world.client.restore(session.did).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(errors.TokenRevokedError)
})
