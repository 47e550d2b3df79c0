/** `npm run endurance -- crash`: kill -9 at each point of a refresh, and what another process finds. */
import { MOST_KILLED_AT_A_POINT, playCrash } from '../../tests/support/faults/crash.ts'
import { storeKinds } from '../../tests/support/faults/store-place.ts'
import { startWorld } from '../../tests/support/faults/world.ts'
import { type LongRun, splitRounds } from './long-run.ts'

const SESSIONS_AT_A_POINT = 20

export const crash: LongRun = {
  what: `kill -9 at each of 12 points of a refresh, ${SESSIONS_AT_A_POINT} sessions each, on each store`,
  counts: ['sessions', 'work at once', 'work after the deadline', 'sign in again'],
  parts: (scale) =>
    storeKinds.flatMap((kind) =>
      splitRounds(SESSIONS_AT_A_POINT, scale, MOST_KILLED_AT_A_POINT).map(({ name, count }) => ({
        row: kind,
        name,
        async play() {
          await using world = await startWorld(kind)
          const { atOnce, afterDeadline, signedOut, lost } = await playCrash(world, count)
          const counts = {
            sessions: 12 * count,
            'work at once': atOnce,
            'work after the deadline': afterDeadline,
            'sign in again': signedOut,
          }
          return { counts, lost }
        },
      })),
    ),
}
