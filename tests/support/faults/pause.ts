/**
 * A process that stands still longer than its lease (SIGSTOP: a full disk, a debugger, a virtual machine that is
 * moved) and then goes on as if nothing had been.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createLosses, type Losses } from './losses.ts'
import type { StorePoint } from './messages.ts'
import type { Worker } from './processes.ts'
import { createTokenGate } from './token-gate.ts'
import { DEADLINE_MS, HOUR_MS, LEASE_MS, type SignedIn, tally, type World } from './world.ts'

export interface PauseSize {
  /** How many sessions stand still at each point. */
  readonly runs: number
  /** What the clock of the process that stands still is wrong by; default 0. */
  readonly holderSkewMs?: number
  /** The same for the other process. */
  readonly otherSkewMs?: number
}

/** What became of the sessions. */
export interface PlayedPause {
  readonly stopped: number
  /** They work in both processes. */
  readonly kept: number
  /** They have ended in both processes: one sign-in is needed. */
  readonly signedOut: number
  readonly lost: readonly string[]
}

interface Stage {
  readonly world: World
  readonly holder: Worker
  readonly other: Worker
  readonly losses: Losses
  readonly runs: number
  /** How far the other's clock is ahead of that of the holder. */
  readonly aheadMs: number
}

/** What each session came to, a status or the code of an error. */
interface Results {
  readonly other: readonly string[]
  readonly holder: readonly string[]
}

/** It stands still before it sent anything: the other renews, and it takes what the other wrote. */
export const playPauseBeforeRequest = scenario(async (stage) => {
  const { other, losses } = stage
  const { sessions, given } = await stopAt(stage, ['after lease 1', 'after get 2', 'before update 1'])
  const results = { other: await other.call(sessions), holder: await goOn(stage, given) }
  compareResults(losses, results, { 200: sessions.length })
  compareCounts(stage, { rotations: sessions.length, replays: 0 })
  await compareNewest(stage, sessions)
  return results
})

/** It stands still after it sent the token: the other waits for what it writes when it goes on. */
export const playPauseAfterRequest = scenario(async (stage) => {
  const { other, losses, runs } = stage
  const { sessions, given } = await stopAt(stage, ['before update 2', 'after update 2'])
  const late = other.call(sessions)
  // By a clock that is ahead, the deadline has passed already; the lock has not.
  await pause(600)
  const results = { holder: await goOn(stage, given), other: await late }
  compareResults(losses, results, { 200: 2 * runs })
  compareCounts(stage, { rotations: 2 * runs, replays: 0 })
  await compareNewest(stage, sessions)
  return results
})

/** Its request never reached the server: the other renews after its deadline, and the newest row stays. */
export const playPauseWithLostRequest = scenario(async (stage) => {
  const { world, holder, other, losses, runs } = stage
  const gate = createTokenGate(world)
  const sessions = await world.signInAll(runs)
  for (const session of sessions) gate.hold(session, 'request')
  world.advance(HOUR_MS)
  const given = holder.call(sessions)
  await gate.held(sessions.length)
  await pause(300)
  holder.signal('SIGSTOP')
  await passDeadline(stage)
  const outcomes = await other.call(sessions)
  gate.open()
  holder.signal('SIGCONT')
  const results = { other: outcomes, holder: await given }
  compareResults(losses, results, { 200: sessions.length })
  await compareNewest(stage, sessions)
  return results
})

/** The answer comes after its deadline: one clean sign-in, in both processes, and no stale row. */
export const playPauseWithLateAnswer = scenario(async (stage) => {
  const { other, losses } = stage
  const { sessions, given } = await stopAt(stage, ['before update 2'])
  await passDeadline(stage)
  const results = { other: await other.call(sessions), holder: await goOn(stage, given) }
  compareResults(losses, results, { session_ended: sessions.length })
  compareCounts(stage, { rotations: sessions.length, replays: sessions.length })
  const later = tally(await other.call(sessions, 20))
  losses.compare('later', later, { session_ended: 20 * sessions.length })
  compareCounts(stage, { rotations: sessions.length, replays: sessions.length })
  return results
})

function scenario(play: (stage: Stage) => Promise<Results>) {
  return async (world: World, size: PauseSize): Promise<PlayedPause> => {
    const { runs, holderSkewMs = 0, otherSkewMs = 0 } = size
    const [holder, other] = await Promise.all([
      world.startWorker({ skewMs: holderSkewMs }),
      world.startWorker({ skewMs: otherSkewMs }),
    ])
    const losses = createLosses()
    const aheadMs = otherSkewMs - holderSkewMs
    const results = await play({ world, holder, other, losses, runs, aheadMs })
    losses.compare('violations', world.network.violations, [])
    const alike = results.holder.filter((result, index) => result === results.other[index])
    return {
      stopped: results.holder.length,
      kept: alike.filter((result) => result === '200').length,
      signedOut: alike.filter((result) => result === 'session_ended').length,
      lost: losses.all,
    }
  }
}

/** Sessions whose renewals stand still in a stopped process, at these points in turn, longer than a lease lasts at first. */
async function stopAt({ world, holder, runs }: Stage, points: readonly StorePoint[]) {
  const sessions = await world.signInAll(points.length * runs)
  for (const [index, session] of sessions.entries()) {
    const point = points[index % points.length]
    if (point) await holder.hold(session, point)
  }
  world.advance(HOUR_MS)
  const given = holder.call(sessions)
  await holder.held(sessions.length)
  // What it writes besides is done: a process that is stopped inside a write of SQLite keeps the file locked.
  await pause(300)
  holder.signal('SIGSTOP')
  await world.place.passLeases(LEASE_MS)
  return { sessions, given }
}

/** What the calls of the process that stood still come to. */
function goOn({ holder }: Stage, given: Promise<readonly string[]>): Promise<readonly string[]> {
  void holder.ask({ do: 'go' })
  holder.signal('SIGCONT')
  return given
}

/** Lets so much time pass that by the other's clock, too, nothing is under way any more. */
async function passDeadline({ world, aheadMs }: Stage): Promise<void> {
  await world.place.passLeases(DEADLINE_MS)
  world.advance(DEADLINE_MS + Math.max(0, -aheadMs))
}

function compareResults(
  losses: Losses,
  { other, holder }: Results,
  wanted: Readonly<Record<string, number>>,
): void {
  losses.compare('the other', tally(other), wanted)
  losses.compare('the one that stood still', tally(holder), wanted)
}

function compareCounts(
  { world, losses }: Stage,
  wanted: { readonly rotations: number; readonly replays: number },
): void {
  const { rotations, replays } = world.counts()
  losses.compare('refreshes, and tokens used twice', { rotations, replays }, wanted)
}

/** Whether the row has the tokens that the server gave last: then a call with them is taken. */
async function compareNewest(stage: Stage, sessions: readonly SignedIn[]): Promise<void> {
  const { rotations, replays } = stage.world.counts()
  stage.losses.compare('with the newest row', tally(await stage.other.call(sessions)), {
    200: sessions.length,
  })
  compareCounts(stage, { rotations, replays })
}
