/** Many requests over many processes with one expired session: one refresh, and everybody is served. */
import { describe, expect, it } from 'vitest'
import type { Setup } from '../support/faults/messages.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { HOUR_MS, size, startWorld, tally, type World } from '../support/faults/world.ts'
import { alter } from '../support/protocol/scripted-server.ts'

const PROCESSES = size('FAULTS_PROCESSES', 4)
const REQUESTS = size('FAULTS_REQUESTS', 25)
const ROUNDS = size('FAULTS_ROUNDS', 3)

/** Rounds of requests in all processes at once, each after an expiry. */
async function expectOneRefreshEach(world: World, given: (index: number) => Partial<Setup> = () => ({})) {
  const session = await world.signIn()
  const workers = await world.startWorkers(PROCESSES, given)
  for (let round = 1; round <= ROUNDS; round += 1) {
    world.advance(HOUR_MS)
    const outcomes = await Promise.all(workers.map((worker) => worker.call([session], REQUESTS)))
    expect(tally(outcomes.flat())).toEqual({ 200: PROCESSES * REQUESTS })
    expect(world.counts()).toMatchObject({ rotations: round, replays: 0 })
  }
  expect(world.network.home.as.grants.all.at(0)?.alive).toBe(true)
  expect(world.network.violations).toEqual([])
}

describe.each(storeKinds)('one expired session on %s', (kind) => {
  it('S1 RF-2 is renewed once in each round, whichever process is first, and every request is served', async () => {
    await using world = await startWorld(kind)
    await expectOneRefreshEach(world)
  })

  it('S1 S8 RF-9 the same when only a 401 tells that the token has ended, and clocks are two minutes fast or slow', async () => {
    await using world = await startWorld(kind)
    world.network.home.as.answer('/oauth/token', async (_, usual) => {
      const answer = await usual()
      return answer.status === undefined ? alter(answer, { expires_in: undefined }) : answer
    })
    await expectOneRefreshEach(world, (index) => ({ skewMs: index % 2 === 0 ? 120_000 : -120_000 }))
  })
})

it('S7 a replica that is half a second behind costs no refresh token: the same result with stale reads', async () => {
  await using world = await startWorld('vercel-kv')
  await expectOneRefreshEach(world, () => ({ lagMs: 500 }))
})
