/** An authorization server that is down, overloaded or loses answers, with several processes at its door. */
import { describe, expect, it } from 'vitest'
import { storeKinds } from '../support/faults/store-place.ts'
import { DEADLINE_MS, HOUR_MS, startWorld, tally } from '../support/faults/world.ts'
import type { Answer, Script } from '../support/protocol/scripted-server.ts'

const TOKEN = '/oauth/token'
const MINUTE_MS = 60_000
/** The longest that a Retry-After may hold up a session. */
const PAUSE_LIMIT_MS = 5 * MINUTE_MS

const troubles: readonly (readonly [string, Answer | Script])[] = [
  ['500', { status: 500, body: '' }],
  ['502 with a page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway' }],
  ['a reset after the request', { drop: true }],
  ['429', { status: 429, body: '' }],
  ['429 with Retry-After 0', { status: 429, headers: { 'retry-after': '0' }, body: '' }],
  ['429 with Retry-After 3600', { status: 429, headers: { 'retry-after': '3600' }, body: '' }],
  ['503 with Retry-After garbage', { status: 503, headers: { 'retry-after': 'soon, or -1e9' }, body: '' }],
  [
    '503 with Retry-After of a date far ahead',
    { status: 503, headers: { 'retry-after': 'Fri, 31 Dec 2199 23:59:59 GMT' }, body: '' },
  ],
  ['200 without tokens', { json: { token_type: 'DPoP' } }],
]

it('S10 answers that are none end no session, whichever process gets them, and service resumes by itself', async () => {
  await using world = await startWorld('sqlite')
  const [session] = [await world.signIn()]
  const workers = await world.startWorkers(2)
  const everybody = async () => (await Promise.all(workers.map((worker) => worker.call([session], 5)))).flat()
  for (const [name, answer] of troubles) {
    world.advance(HOUR_MS)
    world.network.home.as.answer(TOKEN, answer)
    // One of a pair: where the token may have been sent, the other process would wait for the deadline.
    expect([name, tally((await workers[0]?.call([session], 5)) ?? [])]).toEqual([name, { refresh_failed: 5 }])
    world.network.home.as.restore(TOKEN)
    world.advance(PAUSE_LIMIT_MS)
    expect([name, tally(await everybody())]).toEqual([name, { 200: 10 }])
  }
  expect(world.counts()).toMatchObject({ rotations: troubles.length, replays: 0 })
})

describe.each(storeKinds)('an authorization server that is down for a minute, on %s', (kind) => {
  it('S10 around an expiry: valid tokens serve on, ended ones fail for a while, and nobody is signed out', async () => {
    await using world = await startWorld(kind)
    const sessions = await world.signInAll(4)
    const workers = await world.startWorkers(2)
    const everybody = async () => (await Promise.all(workers.map((worker) => worker.call(sessions)))).flat()
    world.advance(HOUR_MS - MINUTE_MS / 2)
    await world.network.home.as.close()
    expect(tally(await everybody())).toEqual({ 200: 8 })
    world.advance(MINUTE_MS / 2)
    expect(tally(await everybody())).toEqual({ refresh_failed: 8 })
    world.advance(MINUTE_MS / 2)
    await world.network.home.as.reopen()
    expect(tally(await everybody())).toEqual({ 200: 8 })
    expect(world.counts()).toMatchObject({ rotations: 4, replays: 0 })
  })

  it('S10 around a lost answer: who was not renewed goes on, who was signs in once, and nothing loops', async () => {
    await using world = await startWorld(kind)
    const [lost, unspent] = [await world.signIn(), await world.signIn()]
    const workers = await world.startWorkers(2)
    const { as } = world.network.home
    as.answer(TOKEN, async ({ form }, usual) => {
      const isLost = form.get('refresh_token') === lost.refreshToken
      return { ...(isLost && (await usual())), drop: true }
    })
    world.advance(HOUR_MS)
    expect(await workers[0]?.call([lost, unspent])).toEqual(['refresh_failed', 'refresh_failed'])
    await as.close()
    world.advance(MINUTE_MS)
    as.restore(TOKEN)
    await as.reopen()
    for (const worker of workers) expect(await worker.call([lost, unspent])).toEqual(['session_ended', '200'])
    world.advance(DEADLINE_MS)
    for (const worker of workers) expect(await worker.call([lost, unspent])).toEqual(['session_ended', '200'])
    expect([world.uses(lost.refreshToken), world.uses(unspent.refreshToken)]).toEqual([2, 2])
  })
})
