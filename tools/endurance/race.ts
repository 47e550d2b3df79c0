/** `npm run endurance -- race`: all processes ask with one session at the moment when its token has ended. */
import { playRace } from '../../tests/support/faults/race.ts'
import { type StoreKind, storeKinds } from '../../tests/support/faults/store-place.ts'
import { startWorld } from '../../tests/support/faults/world.ts'
import { type LongRun, splitRounds } from './long-run.ts'

const ROUNDS = 100
const ROUNDS_OF_A_PART = 10
const PROCESSES = 8
/**
 * Of each process in each round. The server of the REST protocol shares this process with the network: on a busy machine,
 * more at once would not be answered within the two seconds that the store waits.
 */
const requestsOn: Readonly<Record<StoreKind, number>> = {
  sqlite: 25,
  redis: 25,
  'vercel-kv': 10,
  postgres: 25,
}

export const race: LongRun = {
  what: `${ROUNDS} rounds on each store: ${PROCESSES} processes make 25 requests each (REST protocol: 10) with one ended token`,
  counts: ['rounds', 'requests', 'served', 'refreshes', 'replays'],
  parts: (scale) =>
    storeKinds.flatMap((kind) =>
      splitRounds(ROUNDS, scale, ROUNDS_OF_A_PART).map(({ name, count }) => ({
        row: kind,
        name,
        async play() {
          await using world = await startWorld(kind)
          const size = { processes: PROCESSES, requests: requestsOn[kind], rounds: count }
          const { lost, ...counts } = await playRace(world, size)
          const requests = PROCESSES * requestsOn[kind] * count
          return { counts: { rounds: count, requests, ...counts }, lost }
        },
      })),
    ),
}
