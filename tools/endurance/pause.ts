/** `npm run endurance -- pause`: the process that refreshes is stopped for longer than its lock lasts, and goes on later. */
import {
  type PauseSize,
  type PlayedPause,
  playPauseAfterRequest,
  playPauseBeforeRequest,
  playPauseWithLateAnswer,
  playPauseWithLostRequest,
} from '../../tests/support/faults/pause.ts'
import { type StoreKind, storeKinds } from '../../tests/support/faults/store-place.ts'
import { startWorld, type World } from '../../tests/support/faults/world.ts'
import { type LongRun, type Part, splitRounds } from './long-run.ts'

const SESSIONS_AT_A_POINT = 20
const SKEWS_MS = [-20_000, 20_000]

interface Scenario {
  readonly name: string
  readonly play: (world: World, size: PauseSize) => Promise<PlayedPause>
}

const scenarios: readonly Scenario[] = [
  { name: 'before it sent the token', play: playPauseBeforeRequest },
  { name: 'after it sent the token', play: playPauseAfterRequest },
  { name: 'its request is lost', play: playPauseWithLostRequest },
  { name: 'until after the deadline', play: playPauseWithLateAnswer },
]

export const pause: LongRun = {
  what: `SIGSTOP of the process that refreshes, ${SESSIONS_AT_A_POINT} sessions at each of 7 points, clocks 20 s fast and slow, on each store`,
  counts: ['sessions', 'work', 'sign in again'],
  parts: (scale) =>
    scenarios.flatMap((scenario) =>
      SKEWS_MS.flatMap((holderSkewMs) =>
        SKEWS_MS.flatMap((otherSkewMs) =>
          storeKinds.flatMap((kind) => partsOf(scenario, { kind, holderSkewMs, otherSkewMs, scale })),
        ),
      ),
    ),
}

interface Setting {
  readonly kind: StoreKind
  readonly holderSkewMs: number
  readonly otherSkewMs: number
  readonly scale: number
}

function partsOf(
  { name: scenario, play }: Scenario,
  { kind, holderSkewMs, otherSkewMs, scale }: Setting,
): readonly Part[] {
  const clocks = `its clock ${describeSkew(holderSkewMs)}, the other's ${describeSkew(otherSkewMs)}`
  return splitRounds(SESSIONS_AT_A_POINT, scale, SESSIONS_AT_A_POINT).map(({ name, count }) => ({
    row: `${scenario}, ${clocks}`,
    name: `${kind}, ${name}`,
    async play() {
      await using world = await startWorld(kind)
      const played = await play(world, { runs: count, holderSkewMs, otherSkewMs })
      const { stopped, kept, signedOut, lost } = played
      return { counts: { sessions: stopped, work: kept, 'sign in again': signedOut }, lost }
    },
  }))
}

function describeSkew(ms: number): string {
  return `${ms > 0 ? '+' : '-'}${Math.abs(ms) / 1_000} s`
}
