/** Sign-outs while other processes are at work with the session. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { storeKinds } from '../support/faults/store-place.ts'
import { createTokenGate } from '../support/faults/token-gate.ts'
import { HOUR_MS, startWorld, tally } from '../support/faults/world.ts'

describe.each(storeKinds)('a sign-out, on %s', (kind) => {
  it('C2 while 20 requests of two processes renew its tokens leaves no row and no live token, for ever', async () => {
    await using world = await startWorld(kind)
    const session = await world.signIn()
    const workers = await world.startWorkers(2)
    const gate = createTokenGate(world)
    gate.hold(session, 'rotation')
    world.advance(HOUR_MS)
    const late = Promise.all(workers.map((worker) => worker.call([session], 10)))
    await gate.held(1)
    await world.client.revoke(session.did, { sessionId: session.id })
    gate.open()
    expect(tally((await late).flat())).toEqual({ session_ended: 20 })
    const row = `session:${createHash('sha256').update(session.id).digest('base64url')}`
    expect(await world.store.get(row)).toBeUndefined()
    const [grant] = world.network.home.as.grants.all
    expect(grant?.alive).toBe(false)

    const again = await world.signIn()
    const after = await Promise.all(workers.map((worker) => worker.call([session, again])))
    expect(after).toEqual([
      ['session_ended', '200'],
      ['session_ended', '200'],
    ])
    expect(world.counts()).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('C12 of one device is known in every process at the next request, and the other devices stay', async () => {
    await using world = await startWorld(kind)
    const devices = await world.signInAll(3)
    const workers = await world.startWorkers(2)
    await Promise.all(workers.map((worker) => worker.call(devices)))
    const [lost] = devices
    await world.client.revoke(lost?.did ?? '', { sessionId: lost?.id })
    for (const worker of workers) expect(await worker.call(devices)).toEqual(['session_ended', '200', '200'])
  })
})
