/** `npm run endurance -- race`: all processes ask with one session at the moment when its token has ended. */
import { playRace } from '../../tests/support/faults/race.ts'
import { storeKinds } from '../../tests/support/faults/store-place.ts'
import { startWorld } from '../../tests/support/faults/world.ts'
import { type LongRun, splitRounds } from './long-run.ts'

const ROUNDS = 100
const ROUNDS_OF_A_PART = 10
const PROCESSES = 8
/** Of each process in each round. */
const REQUESTS = 25

export const race: LongRun = {
  what: `${ROUNDS} rounds on each store: ${PROCESSES} processes make ${REQUESTS} requests each with one ended token`,
  counts: ['rounds', 'requests', 'served', 'refreshes', 'replays'],
  parts: (scale) =>
    storeKinds.flatMap((kind) =>
      splitRounds(ROUNDS, scale, ROUNDS_OF_A_PART).map(({ name, count }) => ({
        row: kind,
        name,
        async play() {
          await using world = await startWorld(kind)
          const size = { processes: PROCESSES, requests: REQUESTS, rounds: count }
          const { lost, ...counts } = await playRace(world, size)
          const requests = PROCESSES * REQUESTS * count
          return { counts: { rounds: count, requests, ...counts }, lost }
        },
      })),
    ),
}
