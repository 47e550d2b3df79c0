/** One part of random use: an application, its browsers, troubles, and what the oracle says of all answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PartResult } from '../long-run.ts'
import { openRun, type RunSize } from './open-run.ts'
import { resultOf } from './result.ts'
import type { Run } from './run.ts'
import { createDice } from './seeded.ts'
import { watchForStalls } from './stalls.ts'
import { makeTrouble } from './troubles.ts'
import { actOnce, checkAll } from './turns.ts'

export interface RandomPart extends RunSize {
  /** How long actions begin. */
  readonly ms: number
  /** Browsers that are at work at the same time. */
  readonly lanes: number
  /** Between two troubles, on average. */
  readonly troubleEveryMs: number
}

/** Between two actions of a lane at most. */
const THINKING_MS = 80

export async function playRandomPart(part: RandomPart): Promise<PartResult> {
  await using opened = await openRun(part)
  const { run, place } = opened
  const isOver = new AbortController()
  const source = { run, place, dice: createDice(`${part.seed} troubles`), pauseMs: part.troubleEveryMs }
  const troubles = makeTrouble(source, isOver.signal)
  const stalls = watchForStalls(run.troubles)
  await actAtRandom(run, part)
  isOver.abort()
  await troubles
  await checkAll(run, part.lanes)
  const { counts, lost } = await resultOf(run)
  return { counts: { ...counts, stalls: stalls.end() }, lost }
}

/** Each lane takes a browser that does nothing, and lets it do something. */
async function actAtRandom(run: Run, { lanes, ms }: RandomPart): Promise<void> {
  const dice = createDice(`${run.seed} choices`)
  const endsAt = performance.now() + ms
  const lane = async () => {
    while (performance.now() < endsAt) {
      await actOnce(run, dice)
      await sleep(dice.below(THINKING_MS))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
