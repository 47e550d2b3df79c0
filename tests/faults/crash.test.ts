/**
 * kill -9 at every step of a refresh. One process is in the middle of many, each of another session and each
 * stopped at another point, when it is killed; another process then finds what it left behind.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StorePoint } from '../support/faults/messages.ts'
import type { Worker } from '../support/faults/processes.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { createTokenGate, type ServerPoint } from '../support/faults/token-gate.ts'
import { DEADLINE_MS, HOUR_MS, type SignedIn, size, startWorld, type World } from '../support/faults/world.ts'

/** How many sessions are killed at each point. */
const RUNS = size('FAULTS_ROUNDS', 3)
const LEASE_MS = 15_000

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

interface Victim extends SignedIn {
  readonly point: Point
}

function isServerPoint(point: StorePoint | ServerPoint): point is ServerPoint {
  return !point.includes(' ')
}

/** Sessions whose renewals stood at their points when their process was killed. */
async function killAtEveryPoint(world: World): Promise<readonly Victim[]> {
  const gate = createTokenGate(world)
  const victims: Victim[] = []
  for (const point of points) {
    for (let run = 0; run < RUNS; run += 1) victims.push({ ...(await world.signIn()), point })
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

const of = (victims: readonly Victim[], heir: Point['heir']) =>
  victims.filter(({ point }) => point.heir === heir)
const outcomes = (victims: readonly Victim[], results: readonly string[]) =>
  victims.map(({ point }, index) => `${point.name}: ${results[index]}`)

describe.each(storeKinds)('a process killed in the middle of a refresh, on %s', (kind) => {
  it('S2 leaves no lock behind for longer than 15 s, and no session that neither works nor is over', async () => {
    await using world = await startWorld(kind)
    const victims = await killAtEveryPoint(world)
    expect(await world.place.passLeases(LEASE_MS)).toBeLessThanOrEqual(LEASE_MS)
    const usesBefore = victims.map(({ refreshToken }) => world.uses(refreshToken))

    const heir = await world.startWorker()
    const quick = of(victims, 'at once')
    expect(outcomes(quick, await heir.call(quick))).toEqual(
      outcomes(
        quick,
        quick.map(() => '200'),
      ),
    )
    // What may be under way is not sent a second time before the first cannot be any more.
    const doubtful = victims.filter((victim) => !quick.includes(victim))
    const late = heir.call(doubtful)
    await pause(600)
    const held = victims.flatMap((victim, index) => (doubtful.includes(victim) ? [usesBefore[index]] : []))
    expect(doubtful.map(({ refreshToken }) => world.uses(refreshToken))).toEqual(held)
    world.advance(DEADLINE_MS)
    const expected = doubtful.map(({ point }) => (point.heir === 'signed out' ? 'session_ended' : '200'))
    expect(outcomes(doubtful, await late)).toEqual(outcomes(doubtful, expected))

    expect(world.counts().replays).toBe(of(victims, 'signed out').length)
    expect(world.network.violations).toEqual([])
    await expectRest(world, heir, victims)
  })
})

/** Nothing goes on by itself, and each session stays what it was found to be. */
async function expectRest({ network }: World, heir: Worker, victims: readonly Victim[]): Promise<void> {
  const before = network.sent('/oauth/token').length
  const expected = victims.map(({ point }) => (point.heir === 'signed out' ? 'session_ended' : '200'))
  expect(outcomes(victims, await heir.call(victims))).toEqual(outcomes(victims, expected))
  expect(network.sent('/oauth/token')).toHaveLength(before)
}
