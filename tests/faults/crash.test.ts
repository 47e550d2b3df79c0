/** kill -9 at every step of a refresh, and what another process then finds. */
import { describe, expect, it } from 'vitest'
import { playCrash } from '../support/faults/crash.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { startWorld } from '../support/faults/world.ts'

/** How many sessions are killed at each point. */
const RUNS = 3

describe.each(storeKinds)('a process killed in the middle of a refresh, on %s', (kind) => {
  it('S2 leaves no lock behind for longer than its token may be under way, and no session that neither works nor is over', async () => {
    await using world = await startWorld(kind)
    expect(await playCrash(world, RUNS)).toEqual({
      atOnce: 7 * RUNS,
      afterDeadline: 3 * RUNS,
      signedOut: 2 * RUNS,
      lost: [],
    })
  })
})
