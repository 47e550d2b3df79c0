/** A store that takes no writes just when the tokens have been renewed. */
import { describe, expect, it } from 'vitest'
import { storeKinds } from '../support/faults/store-place.ts'
import { HOUR_MS, startWorld, tally, type World } from '../support/faults/world.ts'

/** The write and its seven repetitions within ten seconds. */
const ATTEMPTS = 8

it('S4 writes that fail after the tokens were renewed are repeated for ten seconds; after that the process keeps the tokens and writes them later', async () => {
  await using stack = new AsyncDisposableStack()
  const worlds: World[] = []
  for (const kind of storeKinds) worlds.push(stack.use(await startWorld(kind)))
  // Waiting costs nothing: all three at the same time.
  await Promise.all(worlds.map(expectKept))
})

describe.each(storeKinds)('a store that does not answer, on %s', (kind) => {
  it('S5 S2 but wrote the intent: nothing was sent, it is taken back, and nobody waits for it to run out', async () => {
    await using world = await startWorld(kind)
    const session = await world.signIn()
    const [worker, other] = await Promise.all([world.startWorker(), world.startWorker()])
    await worker.ask({ do: 'loseAnswer', sessionId: session.id, of: 'update' })
    world.advance(HOUR_MS)
    expect(await worker.call([session])).toEqual(['store_unavailable'])
    expect(world.uses(session.refreshToken)).toBe(0)
    // The clock stands still: the intent itself would hold for ever.
    expect(await other.call([session])).toEqual(['200'])
    expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('S5 S2 but gave the lock: it is given back, and nobody waits for it to run out', async () => {
    await using world = await startWorld(kind)
    const session = await world.signIn()
    const worker = await world.startWorker()
    await worker.ask({ do: 'loseAnswer', sessionId: session.id, of: 'lease' })
    world.advance(HOUR_MS)
    expect(await worker.call([session])).toEqual(['store_unavailable'])
    await expect.poll(() => world.place.passLeases(0), { timeout: 5_000 }).toBeLessThanOrEqual(0)
    expect(await worker.call([session])).toEqual(['200'])
  })
})

/** Each session's write fails once more than that of the one before. */
async function expectKept(world: World): Promise<void> {
  const sessions = await world.signInAll(ATTEMPTS)
  const [worker, other] = await Promise.all([world.startWorker(), world.startWorker()])
  for (const [index, { id: sessionId }] of sessions.entries()) {
    await worker.ask({ do: 'failUpdates', sessionId, count: index + 1 })
  }
  world.advance(HOUR_MS)
  const outcomes = await worker.call(sessions)
  expect(outcomes).toEqual([...Array(ATTEMPTS - 1).fill('200'), 'store_unavailable'])
  expect(tally(await worker.call(sessions))).toEqual({ 200: ATTEMPTS })
  expect(tally(await other.call(sessions))).toEqual({ 200: ATTEMPTS })
  expect(world.counts()).toMatchObject({ rotations: ATTEMPTS, replays: 0 })
}
