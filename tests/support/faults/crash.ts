/**
 * kill -9 at every step of a refresh. One process is in the middle of many, each of another session and each
 * stopped at another point, when it is killed; another process, the heir, then finds what it left behind.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createLosses, type Losses } from './losses.ts'
import type { StorePoint } from './messages.ts'
import type { Worker } from './processes.ts'
import { createTokenGate, type ServerPoint } from './token-gate.ts'
import { DEADLINE_MS, HOUR_MS, LEASE_MS, type SignedIn, type World } from './world.ts'

interface Point {
  readonly name: string
  readonly at: StorePoint | ServerPoint
  /** Nothing hints that the token may have been sent; it is sent again when its deadline has passed; or it is spent. */
  readonly heir: 'at once' | 'after the deadline' | 'signed out'
}

const points: readonly Point[] = [
  { name: 'before the lock', at: 'before lease 1', heir: 'at once' },
  { name: 'after the lock', at: 'after lease 1', heir: 'at once' },
  { name: 'after reading the row again', at: 'after get 2', heir: 'at once' },
  { name: 'before the intent', at: 'before update 1', heir: 'at once' },
  { name: 'after the intent', at: 'after update 1', heir: 'after the deadline' },
  { name: 'when the server asks for another nonce', at: 'nonce', heir: 'after the deadline' },
  { name: 'when the server has the request', at: 'request', heir: 'after the deadline' },
  { name: 'when the server has renewed the tokens', at: 'rotation', heir: 'signed out' },
  { name: 'before the write', at: 'before update 2', heir: 'signed out' },
  { name: 'after the write', at: 'after update 2', heir: 'at once' },
  { name: 'before the unlock', at: 'before release 1', heir: 'at once' },
  { name: 'after the unlock', at: 'after release 1', heir: 'at once' },
]

/** How many sessions can be killed at each point by one process: it has 64 places for refreshes at a server. */
export const MOST_KILLED_AT_A_POINT = 5

/** What became of the sessions. */
export interface PlayedCrash {
  /** They work at once. */
  readonly atOnce: number
  /** They work once the deadline of the killed process has passed. */
  readonly afterDeadline: number
  /** Their token was spent: they have ended, and one sign-in is needed. */
  readonly signedOut: number
  readonly lost: readonly string[]
}

interface Victim extends SignedIn {
  readonly point: Point
}

/** @param runs how many sessions are killed at each point */
export async function playCrash(world: World, runs: number): Promise<PlayedCrash> {
  const losses = createLosses()
  const victims = await killAtEveryPoint(world, runs)
  const lockedMs = await world.place.passLeases(LEASE_MS)
  if (lockedMs > DEADLINE_MS) losses.add(`a lock was left behind for another ${lockedMs} ms`)
  const heir = await world.startWorker()
  const quick = victims.filter(({ point }) => point.heir === 'at once')
  const doubtful = victims.filter(({ point }) => point.heir !== 'at once')
  const usesBefore = usesOf(doubtful, world)
  const quickResults = await heir.call(quick)
  compareResults(quick, quickResults, losses)

  // What may be under way is not sent a second time before the first cannot be any more, whatever the lock says.
  await world.place.passLeases(DEADLINE_MS - LEASE_MS)
  const late = heir.call(doubtful)
  await pause(600)
  losses.compare('uses of the tokens before the deadline', usesOf(doubtful, world), usesBefore)
  world.advance(DEADLINE_MS)
  const lateResults = await late
  compareResults(doubtful, lateResults, losses)

  const ended = lateResults.filter((result) => result === 'session_ended').length
  const wanted = doubtful.filter(({ point }) => point.heir === 'signed out').length
  losses.compare('tokens used twice', world.counts().replays, wanted)
  losses.compare('violations', world.network.violations, [])
  await compareRest({ world, heir, losses }, victims)
  return {
    atOnce: quickResults.filter((result) => result === '200').length,
    afterDeadline: lateResults.filter((result) => result === '200').length,
    signedOut: ended,
    lost: losses.all,
  }
}

/** Sessions whose renewals stood at their points when their process was killed. */
async function killAtEveryPoint(world: World, runs: number): Promise<readonly Victim[]> {
  if (runs > MOST_KILLED_AT_A_POINT)
    throw new RangeError(`At most ${MOST_KILLED_AT_A_POINT} sessions at each point, not ${runs}.`)
  const gate = createTokenGate(world)
  const victims: Victim[] = []
  for (const point of points) {
    for (let run = 0; run < runs; run += 1) victims.push({ ...(await world.signIn()), point })
  }
  const worker = await world.startWorker()
  for (const victim of victims) {
    const { at } = victim.point
    if (isServerPoint(at)) gate.hold(victim, at)
    else await worker.hold(victim, at)
  }
  world.advance(HOUR_MS)
  void worker.call(victims)
  const atServer = victims.filter(({ point }) => isServerPoint(point.at)).length
  await Promise.all([gate.held(atServer), worker.held(victims.length - atServer)])
  await worker.kill()
  gate.open()
  return victims
}

function isServerPoint(point: StorePoint | ServerPoint): point is ServerPoint {
  return !point.includes(' ')
}

function usesOf(victims: readonly Victim[], world: World): readonly number[] {
  return victims.map(({ refreshToken }) => world.uses(refreshToken))
}

function compareResults(victims: readonly Victim[], results: readonly string[], losses: Losses): void {
  losses.compare('results', results.length, victims.length)
  for (const [index, { point }] of victims.entries())
    losses.compare(point.name, results[index], point.heir === 'signed out' ? 'session_ended' : '200')
}

/** Nothing goes on by itself, and each session stays what it was found to be. */
async function compareRest(
  { world, heir, losses }: { readonly world: World; readonly heir: Worker; readonly losses: Losses },
  victims: readonly Victim[],
): Promise<void> {
  const before = world.network.sent('/oauth/token').length
  compareResults(victims, await heir.call(victims), losses)
  losses.compare('later token requests', world.network.sent('/oauth/token').length - before, 0)
}
