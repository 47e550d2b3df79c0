/** The two limits of a session's life, to the millisecond. What holds is the row, whatever the store still has. */
import { describe, expect, it } from 'vitest'
import { type StoreKind, storeKinds } from '../support/faults/store-place.ts'
import { startWorld } from '../support/faults/world.ts'
import { refusalOf } from '../support/refusal.ts'

const DAY_MS = 24 * 3_600_000

/** A session that was signed in just now, and what the store makes of it after some time. */
async function startAged(kind: StoreKind, limits: { sessionLifetimeMs: number; sessionIdleMs: number }) {
  const world = await startWorld(kind)
  const client = world.createClient({ ...limits, waitUntil: (work) => void late.push(work) })
  const late: Promise<unknown>[] = []
  const { did, id } = await world.signIn(client)
  const use = async () => {
    await client.restore(did, false, { sessionId: id })
    await Promise.all(late)
  }
  return { world, use }
}

describe.each(storeKinds)('the life of a session, on %s', (kind) => {
  it('C8 SL-2 ends when it was not used for the idle limit, and not a millisecond earlier', async () => {
    const { world, use } = await startAged(kind, {
      sessionIdleMs: 30 * DAY_MS,
      sessionLifetimeMs: 180 * DAY_MS,
    })
    await using _ = world
    world.advance(30 * DAY_MS - 1)
    await use()
    world.advance(30 * DAY_MS - 1)
    await use()
    world.advance(30 * DAY_MS)
    expect(await refusalOf(use())).toMatchObject({ code: 'session_ended' })
  })

  it('C8 SL-2 ends at the absolute limit, however much it is used, and not a millisecond earlier', async () => {
    const { world, use } = await startAged(kind, {
      sessionIdleMs: 40 * DAY_MS,
      sessionLifetimeMs: 180 * DAY_MS,
    })
    await using _ = world
    for (let month = 1; month <= 5; month += 1) {
      world.advance(30 * DAY_MS)
      await use()
    }
    world.advance(30 * DAY_MS - 1)
    await use()
    world.advance(1)
    expect(await refusalOf(use())).toMatchObject({ code: 'session_ended' })
  })
})
