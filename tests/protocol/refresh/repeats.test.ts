/** How often one refresh or pushed request is sent by a server that moves its clock and its nonce each time. */
import { expect, it } from 'vitest'
import {
  call,
  createScriptedClient,
  startExpired,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

let count = 0
const restless = (now: () => number, error: string) => () => {
  count += 1
  return {
    status: 400,
    headers: { 'dpop-nonce': `n${count}`, date: new Date(now() + count * 60_000).toUTCString() },
    json: { error: count % 2 ? 'use_dpop_nonce' : error },
  }
}

it('a pushed request is sent four times at most', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  count = 0
  network.home.as.answer('/oauth/par', restless(network.now, 'whatever'))
  await refusalOf(client.start(alice.handle))
  expect(count).toBeLessThanOrEqual(4)
})

it('a refresh token is sent four times at most', async () => {
  const { network: opened, restore } = await startExpired()
  await using network = opened
  const session = await restore()
  count = 0
  network.home.as.answer('/oauth/token', restless(network.now, 'invalid_client'))
  await refusalOf(session.refresh())
  expect(count).toBeLessThanOrEqual(4)
})

it.each([
  ['a nonce', { status: 400, headers: { 'dpop-nonce': 'late' }, json: { error: 'use_dpop_nonce' } }],
  ['the clock', { status: 400, json: { error: 'invalid_dpop_proof' } }],
] as const)(
  'a refresh that was refused for %s after more than five seconds is not sent again: its marker would end first',
  async (_, refusal) => {
    const { network, session } = await startExpired()
    await using _network = network
    network.home.as.answerOnce('/oauth/token', () => {
      network.advance(5_001)
      const date = new Date(network.now() + 60_000).toUTCString()
      return { ...refusal, headers: { date, ...('headers' in refusal && refusal.headers) } }
    })
    expect(await refusalOf(call(session))).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
    network.home.as.restore('/oauth/token')
    expect(await call(session)).toBe(200)
  },
)
