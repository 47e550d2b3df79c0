/** PostgreSQL crashes, falls silent or holds a row while requests come in, and the pooler in front of it is restarted. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockRows } from '../support/contract/row-lock.ts'
import type { Worker } from '../support/faults/processes.ts'
import { openPostgresAlone, type PostgresPlace } from '../support/faults/store-place.ts'
import { HOUR_MS, type SignedIn, startLoad, startWorld, tally, type World } from '../support/faults/world.ts'
import { startPgBouncer } from '../support/postgres-server.ts'

const SESSIONS = 12
/** How long a store that is back may take to be used again. */
const RETURN_MS = 2_000

interface Loaded {
  readonly world: World
  readonly workers: readonly Worker[]
  readonly sessions: readonly SignedIn[]
  stopLoad(): Promise<Readonly<Record<string, number>>>
}

/** Two processes that serve twelve sessions without a pause, when their tokens end. */
async function startUnderLoad(world: World): Promise<Loaded> {
  const sessions = await world.signInAll(SESSIONS)
  const workers = await world.startWorkers(2)
  const stopLoad = startLoad(workers, sessions)
  await pause(300)
  return { world, workers, sessions, stopLoad }
}

/** All of them have to be renewed, by whichever process is first. */
function endTokens(world: World): void {
  for (const grant of world.network.home.as.grants.all) grant.accessToken = 'ended'
}

/** No session was ended, and no refresh token was used twice. */
async function expectServed({ world, workers, sessions }: Loaded): Promise<void> {
  const outcomes = await Promise.all(workers.map((worker) => worker.call(sessions)))
  expect(tally(outcomes.flat())).toEqual({ 200: workers.length * sessions.length })
  expect(world.counts().replays).toBe(0)
  expect(world.network.home.as.grants.all.filter(({ alive }) => alive)).toHaveLength(sessions.length)
}

/** The same database, through a PgBouncer in transaction mode. */
async function behindPooler(place: PostgresPlace) {
  const pooler = await startPgBouncer(place.server)
  onTestFinished(() => pooler.stop())
  return { ...place, pooler, address: pooler.urlOf(new URL(place.address).pathname.slice(1)) }
}

describe('an outage of PostgreSQL under load', () => {
  it('S5 it crashes and starts again: the store was unavailable, no session ends, 2 s later all is well', async () => {
    const place = await openPostgresAlone()
    await using world = await startWorld('postgres', { place })
    const loaded = await startUnderLoad(world)
    await place.server.crash()
    endTokens(world)
    await pause(1_500)
    await place.server.start()
    await pause(RETURN_MS)
    await expectServed(loaded)
    expect(Object.keys(await loaded.stopLoad()).sort()).toEqual(['200', 'store_unavailable'])
    expect(world.counts().rotations).toBe(SESSIONS)
  })

  it('S5 it is silent for three seconds: every request has an answer, and no session ends', async () => {
    const place = await openPostgresAlone()
    await using world = await startWorld('postgres', { place })
    const loaded = await startUnderLoad(world)
    endTokens(world)
    await pause(20)
    place.server.freeze()
    await pause(3_000)
    place.server.thaw()
    await pause(RETURN_MS)
    await expectServed(loaded)
    // Shorter than a statement may take, but some may have waited for a row before.
    expect(['200', 'store_unavailable']).toEqual(expect.arrayContaining(Object.keys(await loaded.stopLoad())))
  })

  it('S5 the pooler is killed and started in the middle of renewals: no session ends', async () => {
    const place = await behindPooler(await openPostgresAlone())
    await using world = await startWorld('postgres', { place })
    const loaded = await startUnderLoad(world)
    endTokens(world)
    await pause(20)
    await place.pooler.restart()
    await pause(RETURN_MS)
    await expectServed(loaded)
    expect(['200', 'store_unavailable']).toEqual(expect.arrayContaining(Object.keys(await loaded.stopLoad())))
  })
})

describe('a row that another transaction holds for longer than a statement may take', () => {
  const rowOf = ({ id }: SignedIn) => `session:${createHash('sha256').update(id).digest('base64url')}`

  it('before the token is sent: it is not sent, and the write that comes late costs no session', async () => {
    await using world = await startWorld('postgres')
    const session = await world.signIn()
    const worker = await world.startWorker()
    world.advance(HOUR_MS)
    const row = await lockRows(world.place.address, rowOf(session))
    expect(await worker.call([session])).toEqual(['store_unavailable'])
    expect(world.uses(session.refreshToken)).toBe(0)
    await row.release()
    const other = await world.startWorker()
    expect(await Promise.all([worker, other].map((each) => each.call([session])))).toEqual([['200'], ['200']])
    expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('after it was sent: what was given up and comes late is the write itself, so one refresh serves everyone', async () => {
    await using world = await startWorld('postgres')
    const session = await world.signIn()
    const [worker, other] = [await world.startWorker(), await world.startWorker()]
    world.advance(HOUR_MS)
    await worker.hold(session, 'before update 2')
    const first = worker.call([session])
    await worker.held(1)
    const row = await lockRows(world.place.address, rowOf(session))
    await worker.ask({ do: 'go' })
    await row.waiting(1)
    const second = other.call([session])
    // A second try of the write waits beside the first: that one has been given up.
    await row.waiting(2)
    await row.release()
    expect([await first, await second]).toEqual([['200'], ['200']])
    expect(world.uses(session.refreshToken)).toBe(1)
    expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
  })
})

describe('one expired session and many processes', () => {
  it.each(['directly', 'through PgBouncer'])(
    'S1 RF-2 is renewed once, whichever is first, %s',
    async (way) => {
      const alone = await openPostgresAlone()
      const place = way === 'directly' ? alone : await behindPooler(alone)
      await using world = await startWorld('postgres', { place })
      const session = await world.signIn()
      const workers = await world.startWorkers(8)
      world.advance(HOUR_MS)
      const outcomes = await Promise.all(workers.map((worker) => worker.call([session], 10)))
      expect(tally(outcomes.flat())).toEqual({ 200: 10 * workers.length })
      expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
    },
  )
})

describe('a database that is restored from a backup', () => {
  it('of before a refresh: the session ends once and cleanly, and a new sign-in works', async () => {
    const place = await openPostgresAlone()
    const run = (text: string) => place.server.queryIn(place.address, text)
    await using world = await startWorld('postgres', { place })
    const session = await world.signIn()
    const worker = await world.startWorker()
    await run('CREATE TABLE backup AS SELECT * FROM atproto_auth')
    world.advance(HOUR_MS)
    expect(await worker.call([session])).toEqual(['200'])
    await worker.kill()
    await run('TRUNCATE atproto_auth; INSERT INTO atproto_auth SELECT * FROM backup')
    const next = await world.startWorker()
    expect(await next.call([session], 3)).toEqual(Array(3).fill('session_ended'))
    expect(world.counts()).toMatchObject({ rotations: 1, replays: 1 })
    expect(await next.call([await world.signIn()])).toEqual(['200'])
  })
})
