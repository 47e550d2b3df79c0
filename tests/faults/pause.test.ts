/**
 * A process that stands still longer than its lease (SIGSTOP: a full disk, a debugger, a virtual machine that is
 * moved) and then goes on as if nothing had been.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StorePoint } from '../support/faults/messages.ts'
import type { Worker } from '../support/faults/processes.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { createTokenGate } from '../support/faults/token-gate.ts'
import {
  DEADLINE_MS,
  HOUR_MS,
  type SignedIn,
  size,
  startWorld,
  tally,
  type World,
} from '../support/faults/world.ts'

/** How many sessions stand still at each point. */
const RUNS = size('FAULTS_ROUNDS', 3)
const LEASE_MS = 15_000

/** Sessions whose renewals stand still in a stopped process, at these points, with their leases run out. */
async function stopAt(world: World, worker: Worker, points: readonly StorePoint[]) {
  const sessions = await world.signInAll(points.length * RUNS)
  for (const [index, session] of sessions.entries()) {
    const point = points[index % points.length]
    if (point) await worker.hold(session, point)
  }
  world.advance(HOUR_MS)
  const given = worker.call(sessions)
  await worker.held(sessions.length)
  // What it writes besides is done: a process that is stopped inside a write of SQLite keeps the file locked.
  await pause(300)
  worker.signal('SIGSTOP')
  await world.place.passLeases(LEASE_MS)
  return { sessions, given }
}

function goOn(worker: Worker): void {
  void worker.ask({ do: 'go' })
  worker.signal('SIGCONT')
}

/** Whether the row has the tokens that the server gave last: then a call with them is taken. */
async function expectNewest(world: World, other: Worker, sessions: readonly SignedIn[]): Promise<void> {
  const before = world.counts().rotations
  expect(tally(await other.call(sessions))).toEqual({ 200: sessions.length })
  expect(world.counts()).toMatchObject({ rotations: before, replays: 0 })
}

describe.each(storeKinds)('a process that is stopped for longer than its lease, on %s', (kind) => {
  it('S3 before it sent anything: the others renew, it takes what they wrote, and nothing is sent twice', async () => {
    await using world = await startWorld(kind)
    const [holder, other] = await Promise.all([world.startWorker(), world.startWorker()])
    const { sessions, given } = await stopAt(world, holder, [
      'after lease 1',
      'after get 2',
      'before update 1',
    ])
    expect(tally(await other.call(sessions))).toEqual({ 200: sessions.length })
    goOn(holder)
    expect(tally(await given)).toEqual({ 200: sessions.length })
    expect(world.counts()).toMatchObject({ rotations: sessions.length, replays: 0 })
    await expectNewest(world, other, sessions)
  })

  it('S3 after it sent the token: the others wait for what it writes when it goes on', async () => {
    await using world = await startWorld(kind)
    const [holder, other] = await Promise.all([world.startWorker(), world.startWorker()])
    const { sessions, given } = await stopAt(world, holder, ['before update 2', 'after update 2'])
    const late = other.call(sessions)
    await pause(600)
    goOn(holder)
    expect(tally((await Promise.all([given, late])).flat())).toEqual({ 200: 2 * sessions.length })
    expect(world.counts()).toMatchObject({ rotations: sessions.length, replays: 0 })
    await expectNewest(world, other, sessions)
  })

  it('S3 with a request that the server never took: the others renew after its deadline, and the newest row stays', async () => {
    await using world = await startWorld(kind)
    const [holder, other] = await Promise.all([world.startWorker(), world.startWorker()])
    const gate = createTokenGate(world)
    const sessions = await world.signInAll(RUNS)
    for (const session of sessions) gate.hold(session, 'request')
    world.advance(HOUR_MS)
    const given = holder.call(sessions)
    await gate.held(sessions.length)
    await pause(300)
    holder.signal('SIGSTOP')
    await world.place.passLeases(LEASE_MS)
    world.advance(DEADLINE_MS)
    expect(tally(await other.call(sessions))).toEqual({ 200: sessions.length })
    gate.open()
    holder.signal('SIGCONT')
    expect(tally(await given)).toEqual({ 200: sessions.length })
    await expectNewest(world, other, sessions)
  })

  it('S3 with an answer that comes after its deadline: one clean sign-in, in both processes, and no stale row', async () => {
    await using world = await startWorld(kind)
    const [holder, other] = await Promise.all([world.startWorker(), world.startWorker()])
    const { sessions, given } = await stopAt(world, holder, ['before update 2'])
    world.advance(DEADLINE_MS)
    expect(tally(await other.call(sessions))).toEqual({ session_ended: sessions.length })
    goOn(holder)
    expect(tally(await given)).toEqual({ session_ended: sessions.length })
    expect(world.counts()).toMatchObject({ rotations: sessions.length, replays: sessions.length })
    const [ended] = sessions
    expect(await other.call(ended ? [ended] : [], 20)).toEqual(Array(20).fill('session_ended'))
    expect(world.counts().replays).toBe(sessions.length)
  })
})
