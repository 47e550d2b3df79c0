/** Crowds over real processes: full queues before one server, and a process that is killed while it waits. */
import { describe, expect, it } from 'vitest'
import { PLACES } from '../../lib/oauth/tokens/refresh-queue.ts'
import { createTokenGate } from '../support/faults/token-gate.ts'
import { HOUR_MS, startWorld, tally } from '../support/faults/world.ts'

const SESSIONS = 100

describe.each(['sqlite', 'redis'] as const)('a crowd of ended sessions on %s', (kind) => {
  it('S15 two processes with full queues and the same sessions do not block each other', async () => {
    await using world = await startWorld(kind)
    const sessions = await world.signInAll(SESSIONS)
    const [first, second] = await world.startWorkers(2)
    if (!first || !second) throw new Error('two workers were expected')
    world.advance(HOUR_MS)
    const backwards = sessions.toReversed()
    const outcomes = await Promise.all([first.call(sessions), second.call(backwards)])
    expect(tally(outcomes.flat())).toEqual({ 200: 2 * SESSIONS })
    expect(world.counts()).toMatchObject({ rotations: SESSIONS, replays: 0 })
    expect(world.network.violations).toEqual([])
  })

  it('S15 a process that is killed while refreshes wait has lost none of those that waited', async () => {
    await using world = await startWorld(kind)
    const sessions = await world.signInAll(PLACES + 20)
    const waiting = sessions.slice(PLACES)
    const gate = createTokenGate(world)
    for (const session of sessions) gate.hold(session, 'request')
    const victim = await world.startWorker()
    world.advance(HOUR_MS)
    void victim.call(sessions.slice(0, PLACES)).catch(() => undefined)
    await gate.held(PLACES)
    // None of these gets a place any more.
    void victim.call(waiting).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 500))
    await victim.kill()
    world.network.home.as.restore('/oauth/token')
    const heir = await world.startWorker()
    expect(tally(await heir.call(waiting))).toEqual({ 200: waiting.length })
    expect(world.counts()).toMatchObject({ rotations: waiting.length, replays: 0 })
    gate.open()
  })
})
