/** How long a session lives at most, whatever its account does: as long as the reference server lets it. */
import { generatePrivateJwk, importKeyset } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { refusalOf } from '../support/refusal.ts'
import { call, signInWarm } from './scripted-client.ts'
import { startScriptedNetwork } from './scripted-network.ts'

const DAY_MS = 24 * 3_600_000

it.each([
  ['a loopback client', 14, async () => undefined],
  ['a confidential client', 180, async () => importKeyset(await generatePrivateJwk())],
])(
  'SL-2 a session of %s ends after %i days, although it was renewed and used all the time',
  async (_, days, createKeyset) => {
    const keyset = await createKeyset()
    await using network = await startScriptedNetwork(
      keyset && { jwks: { keys: [...keyset.publicJwks.keys] } },
    )
    const { session } = await signInWarm(network, keyset && { keyset })
    for (let day = 1; day < days; day += 1) {
      network.advance(DAY_MS)
      expect(await call(session)).toBe(200)
    }
    expect(network.home.as.grants.counts.rotations).toBe(days - 1)
    network.advance(DAY_MS)
    const before = network.requests.length
    expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
    expect(network.requests).toHaveLength(before)
  },
)

it('SL-1 RF-6 a server that ends a session earlier is believed, and asked once', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(DAY_MS)
  network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  const before = network.requests.length
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  expect(network.requests).toHaveLength(before)
})
