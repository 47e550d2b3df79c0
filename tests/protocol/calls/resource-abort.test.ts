/** R8: a caller that gives up loses its call, never the session. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { call, startExpired, tokenRequests } from '../../support/protocol/scripted-client.ts'
import type { Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
/** Every request of a call with an expired token takes 20 ms, so that 20 points 10 ms apart reach all of them. */
const slow: Script = async (_request, usual) => {
  await sleep(20)
  return usual()
}

it.each(Array.from({ length: 20 }, (_, point) => point * 10))(
  'R8 keeps the session when the caller gives up %i ms into a call with an expired token',
  async (ms) => {
    const { network, session, restore } = await startExpired()
    await using _network = network
    for (const server of [network.plc, network.home.pds, network.home.as]) server.answer('*', slow)
    const controller = new AbortController()
    const reason = new Error('the caller left')
    const outcome = session.fetchHandler(ECHO, { signal: controller.signal }).then(
      (response) => response.status,
      (error: unknown) => error,
    )
    await sleep(ms)
    controller.abort(reason)
    expect([200, reason]).toContain(await outcome)
    expect(await call(await restore())).toBe(200)
    expect(await call(session)).toBe(200)
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0, revocations: 0 })
    expect(network.violations).toEqual([])
  },
)

it('R8 gives the caller back at once while the refresh goes on', async () => {
  const { network, session } = await startExpired()
  await using _network = network
  network.home.as.answer('/oauth/token', async (_request, usual) => {
    await sleep(2_000)
    return usual()
  })
  const begun = performance.now()
  const outcome = refusalOf(session.fetchHandler(ECHO, { signal: AbortSignal.timeout(100) }))
  expect(await outcome).toMatchObject({ name: 'TimeoutError' })
  expect(performance.now() - begun).toBeLessThan(1_500)
  expect(await call(session)).toBe(200)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('R8 starts nothing for a caller that has given up before', async () => {
  const { network, session } = await startExpired()
  await using _network = network
  const before = network.requests.length
  const reason = new Error('the caller left')
  expect(await refusalOf(session.fetchHandler(ECHO, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  expect(network.requests).toHaveLength(before)
})
