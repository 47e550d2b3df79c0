/** Redis is killed, falls silent or loses everything while requests come in. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Worker } from '../support/faults/processes.ts'
import { openRedis } from '../support/faults/store-place.ts'
import { type SignedIn, startLoad, startWorld, tally, type World } from '../support/faults/world.ts'

const SESSIONS = 12
/** What was acknowledged is on the disk: the Redis that these tests kill is one that keeps what it was told. */
const LASTING = ['--appendonly', 'yes', '--appendfsync', 'always']
/** How long a store that is back may take to be used again. */
const RETURN_MS = 2_000

/** Nobody was signed out, and the service is what it was. */
async function expectServed(world: World, workers: readonly Worker[], sessions: readonly SignedIn[]) {
  const outcomes = await Promise.all(workers.map((worker) => worker.call(sessions)))
  expect(tally(outcomes.flat())).toEqual({ 200: workers.length * sessions.length })
  expect(world.counts().replays).toBe(0)
  expect(world.network.home.as.grants.all.filter(({ alive }) => alive)).toHaveLength(sessions.length)
}

describe.each(['redis', 'vercel-kv'] as const)('an outage under load, on %s', (kind) => {
  it('S5 Redis is killed and comes back: the store was unavailable, nobody is signed out, 2 s later all is well', async () => {
    const place = await openRedis(kind, ...LASTING)
    await using world = await startWorld(kind, { place })
    const sessions = await world.signInAll(SESSIONS)
    const workers = await world.startWorkers(2)
    const stopLoad = startLoad(workers, sessions)
    await pause(500)
    await place.redis.kill()
    // The tokens end while it is away: all of them have to be renewed, by whoever is first.
    for (const grant of world.network.home.as.grants.all) grant.accessToken = 'ended'
    await pause(1_500)
    await place.redis.start()
    await pause(RETURN_MS)
    await expectServed(world, workers, sessions)
    const outcomes = await stopLoad()
    expect(Object.keys(outcomes).sort()).toEqual(['200', 'store_unavailable'])
    expect(world.counts().rotations).toBe(SESSIONS)
  })

  it('S5 Redis is silent for three seconds: every request has an answer, and nobody is signed out', async () => {
    const place = await openRedis(kind)
    await using world = await startWorld(kind, { place })
    const sessions = await world.signInAll(SESSIONS)
    const workers = await world.startWorkers(2)
    const stopLoad = startLoad(workers, sessions)
    await pause(300)
    // In the middle of renewals: what was on its way to it is done when it goes on, and nobody waits for the answer.
    for (const grant of world.network.home.as.grants.all) grant.accessToken = 'ended'
    await pause(20)
    place.redis.freeze()
    await pause(3_000)
    place.redis.thaw()
    await pause(RETURN_MS)
    await expectServed(world, workers, sessions)
    expect(Object.keys(await stopLoad()).sort()).toEqual(['200', 'store_unavailable'])
  })

  it('S7 FLUSHALL signs everybody out once and cleanly: nothing is retried, and a new sign-in works', async () => {
    const place = await openRedis(kind)
    await using world = await startWorld(kind, { place })
    const sessions = await world.signInAll(SESSIONS)
    const workers = await world.startWorkers(2)
    const stopLoad = startLoad(workers, sessions)
    await pause(300)
    await place.redis.command('FLUSHALL')
    // On a busy machine, calls that began before it end late.
    await pause(1_500)
    expect(Object.keys(await stopLoad()).sort()).toEqual(['200', 'session_ended'])
    const before = world.network.requests.length
    const [worker] = workers
    expect(tally((await worker?.call(sessions, 5)) ?? [])).toEqual({ session_ended: 5 * SESSIONS })
    expect(world.network.requests).toHaveLength(before)
    expect(await worker?.call([await world.signIn()])).toEqual(['200'])
  })
})
