/** A process that stands still longer than its lease, and then goes on as if nothing had been. */
import { describe, expect, it } from 'vitest'
import {
  playPauseAfterRequest,
  playPauseBeforeRequest,
  playPauseWithLateAnswer,
  playPauseWithLostRequest,
} from '../support/faults/pause.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { startWorld } from '../support/faults/world.ts'

/** How many sessions stand still at each point. */
const RUNS = 3

describe.each(storeKinds)('a process that is stopped for longer than its lease, on %s', (kind) => {
  it('S3 before it sent anything: the others renew, it takes what they wrote, and nothing is sent twice', async () => {
    await using world = await startWorld(kind)
    const played = await playPauseBeforeRequest(world, { runs: RUNS })
    expect(played).toEqual({ stopped: 3 * RUNS, kept: 3 * RUNS, signedOut: 0, lost: [] })
  })

  it('S3 after it sent the token: the others wait for what it writes when it goes on', async () => {
    await using world = await startWorld(kind)
    const played = await playPauseAfterRequest(world, { runs: RUNS })
    expect(played).toEqual({ stopped: 2 * RUNS, kept: 2 * RUNS, signedOut: 0, lost: [] })
  })

  it('S3 after it sent the token, and by a clock that is 40 s ahead: the others wait all the same', async () => {
    await using world = await startWorld(kind)
    const clocks = { holderSkewMs: -20_000, otherSkewMs: 20_000 }
    const played = await playPauseAfterRequest(world, { runs: RUNS, ...clocks })
    expect(played).toEqual({ stopped: 2 * RUNS, kept: 2 * RUNS, signedOut: 0, lost: [] })
  })

  it('S3 with a request that the server never took: the others renew after its deadline, and the newest row stays', async () => {
    await using world = await startWorld(kind)
    const played = await playPauseWithLostRequest(world, { runs: RUNS })
    expect(played).toEqual({ stopped: RUNS, kept: RUNS, signedOut: 0, lost: [] })
  })

  it('S3 with an answer that comes after its deadline: one clean sign-in, in both processes, and no stale row', async () => {
    await using world = await startWorld(kind)
    const played = await playPauseWithLateAnswer(world, { runs: RUNS })
    expect(played).toEqual({ stopped: RUNS, kept: 0, signedOut: RUNS, lost: [] })
  })
})
