/** Many requests over many processes with one expired session: one refresh, and everybody is served. */
import { describe, expect, it } from 'vitest'
import { playRace } from '../support/faults/race.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { startWorld } from '../support/faults/world.ts'
import { alter } from '../support/protocol/scripted-server.ts'

const size = { processes: 4, requests: 25, rounds: 3 }
const oneRefreshEach = { served: 300, refreshes: 3, replays: 0, lost: [] }

describe.each(storeKinds)('one expired session on %s', (kind) => {
  it('S1 RF-2 is renewed once in each round, whichever process is first, and every request is served', async () => {
    await using world = await startWorld(kind)
    expect(await playRace(world, size)).toEqual(oneRefreshEach)
  })

  it('S1 S8 RF-9 the same when only a 401 tells that the token has ended, and clocks are two minutes fast or slow', async () => {
    await using world = await startWorld(kind)
    world.network.home.as.answer('/oauth/token', async (_, usual) => {
      const answer = await usual()
      return answer.status === undefined ? alter(answer, { expires_in: undefined }) : answer
    })
    const given = (index: number) => ({ skewMs: index % 2 === 0 ? 120_000 : -120_000 })
    expect(await playRace(world, size, given)).toEqual(oneRefreshEach)
  })
})

it('S7 a replica that is half a second behind costs no refresh token: the same result with stale reads', async () => {
  await using world = await startWorld('vercel-kv')
  expect(await playRace(world, size, () => ({ lagMs: 500 }))).toEqual(oneRefreshEach)
})
