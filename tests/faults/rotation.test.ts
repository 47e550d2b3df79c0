/** Secrets and client keys are replaced while requests come in. */
import { generatePrivateJwk, importKeyset } from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import type { Setup } from '../support/faults/messages.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { HOUR_MS, startLoad, startWorld, tally, type World } from '../support/faults/world.ts'

const OLD = 'the old secret of the tests, 0123456789 abcdef'
const NEW = 'the new secret of the tests, fedcba 9876543210'
const SESSIONS = 6
const MINUTE_MS = 60_000

/** Replaces a process by one with other secrets or keys, several times, each time while both are at work. */
async function roll(
  world: World,
  sessions: Parameters<typeof startLoad>[1],
  steps: readonly Partial<Setup>[],
) {
  let running = await world.startWorker(steps[0])
  const outcomes: Readonly<Record<string, number>>[] = []
  for (const step of steps.slice(1)) {
    const next = await world.startWorker(step)
    const stop = startLoad([running, next], sessions)
    // The word of a PDS renews a token once in a minute.
    world.advance(MINUTE_MS)
    // Every token is renewed, and every row written, with both kinds of process there.
    for (const grant of world.network.home.as.grants.all) grant.accessToken = 'ended'
    await next.call(sessions)
    outcomes.push(await stop())
    running.signal('SIGTERM')
    await running.exited
    running = next
  }
  return { outcomes, last: running }
}

describe.each(storeKinds)('a rotation under load, on %s', (kind) => {
  it('C6 H4 of the secret, first behind the old one and then before it, signs nobody out', async () => {
    await using world = await startWorld(kind)
    const client = world.createClient({ secrets: [OLD] })
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => world.signIn(client)))
    const { outcomes, last } = await roll(world, sessions, [
      { secrets: [OLD] },
      { secrets: [OLD, NEW] },
      { secrets: [NEW, OLD] },
      { secrets: [NEW, OLD] },
      { secrets: [NEW] },
    ])
    for (const outcome of outcomes) expect(Object.keys(outcome)).toEqual(['200'])
    expect(tally(await last.call(sessions))).toEqual({ 200: SESSIONS })
    // The account’s sessions are found under the new secret as well: signing out everywhere ends them all.
    await world.createClient({ secrets: [NEW] }).revoke(sessions[0]?.did ?? '')
    expect(tally(await last.call(sessions))).toEqual({ session_ended: SESSIONS })
    expect(world.counts().replays).toBe(0)
  })

  it('C6 of the secret, the old one removed at once, is told as a wrong configuration; put back, everybody is there again', async () => {
    await using world = await startWorld(kind)
    const sessions = [await world.signIn(world.createClient({ secrets: [OLD] }))]
    const [early, careful] = await Promise.all([
      world.startWorker({ secrets: [NEW] }),
      world.startWorker({ secrets: [NEW, OLD] }),
    ])
    expect(await early.call(sessions, 3)).toEqual(Array(3).fill('configuration'))
    world.advance(HOUR_MS)
    expect(await early.call(sessions)).toEqual(['configuration'])
    expect(await careful.call(sessions)).toEqual(['200'])
    expect(await early.call(sessions)).toEqual(['200'])
    expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('H4 of the client key signs nobody out while the old one is kept behind the new one', async () => {
    const [oldKey, newKey] = await Promise.all(
      ['old', 'new'].map(async (kid) => ({ ...(await generatePrivateJwk()), kid })),
    )
    const keys = [newKey, oldKey].flatMap((key) => key ?? [])
    const { publicJwks } = await importKeyset(keys)
    await using world = await startWorld(kind, { jwks: { keys: [...publicJwks.keys] } })
    const client = world.createClient({ keyset: await importKeyset(keys.slice(1)) })
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => world.signIn(client)))
    const { outcomes, last } = await roll(world, sessions, [
      { clientKeys: keys.slice(1) },
      { clientKeys: keys.toReversed() },
      { clientKeys: keys },
      { clientKeys: keys },
    ])
    for (const outcome of outcomes) expect(Object.keys(outcome)).toEqual(['200'])
    world.advance(HOUR_MS)
    expect(tally(await last.call(sessions))).toEqual({ 200: SESSIONS })
    expect(world.counts().replays).toBe(0)
    expect(world.network.violations).toEqual([])
  })
})
