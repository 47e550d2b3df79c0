/** Many requests over many processes with one expired session: one refresh, and all are served. */
import { createLosses } from './losses.ts'
import type { Setup } from './messages.ts'
import { HOUR_MS, tally, type World } from './world.ts'

export interface RaceSize {
  readonly processes: number
  /** Of each process in each round, all at once. */
  readonly requests: number
  readonly rounds: number
}

export interface PlayedRace {
  /** Requests that were answered with 200. */
  readonly served: number
  readonly refreshes: number
  /** Refresh tokens that came to the server a second time. */
  readonly replays: number
  readonly lost: readonly string[]
}

/**
 * Rounds of requests in all processes at once, each round after an expiry.
 *
 * @param given what a process is started with besides
 */
export async function playRace(
  world: World,
  { processes, requests, rounds }: RaceSize,
  given?: (index: number) => Partial<Setup>,
): Promise<PlayedRace> {
  const losses = createLosses()
  const session = await world.signIn()
  const workers = await world.startWorkers(processes, given)
  let served = 0
  for (let round = 1; round <= rounds; round += 1) {
    const before = { ...world.counts() }
    world.advance(HOUR_MS)
    const outcomes = tally(
      (await Promise.all(workers.map((worker) => worker.call([session], requests)))).flat(),
    )
    const { rotations, replays } = world.counts()
    losses.compare(`round ${round}, requests`, outcomes, { 200: processes * requests })
    losses.compare(`round ${round}, refreshes`, rotations - before.rotations, 1)
    losses.compare(`round ${round}, tokens used twice`, replays - before.replays, 0)
    served += outcomes[200] ?? 0
  }
  losses.compare('whether the grant lives', world.network.home.as.grants.all.at(0)?.alive, true)
  losses.compare('violations', world.network.violations, [])
  const { rotations, replays } = world.counts()
  return { served, refreshes: rotations, replays, lost: losses.all }
}
