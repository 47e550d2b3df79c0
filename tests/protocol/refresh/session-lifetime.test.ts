/** How long a session lives at most, whatever its account does: as long as the reference server lets it. */
import { generatePrivateJwk, importKeyset } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { call, signInWarm } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const DAY_MS = 24 * 3_600_000

it.each([
  ['a loopback client', 14, async () => undefined],
  ['a confidential client', 180, async () => importKeyset(await generatePrivateJwk())],
])(
  'SL-1 SL-2 LB-6 a session of %s ends after %i days, although it was renewed and used all the time',
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

it.each([
  ['a day', DAY_MS, 30 * DAY_MS],
  ['half an hour', 1_800_000, 3_600_000],
])(
  'a session that is used once in %s stays in the list of its account, and ends with all of them',
  async (_, everyMs, sessionIdleMs) => {
    const keyset = await importKeyset(await generatePrivateJwk())
    await using network = await startScriptedNetwork({ jwks: { keys: [...keyset.publicJwks.keys] } })
    const { client, session } = await signInWarm(network, { keyset, sessionIdleMs })
    for (let passedMs = 0; passedMs <= 2.5 * sessionIdleMs; passedMs += everyMs) {
      network.advance(everyMs)
      await client.restore(session.did, true, { sessionId: session.id })
      expect(await client.listSessions(session.did)).toHaveLength(1)
    }
    expect((await client.restore(session.did)).id).toBe(session.id)
    await client.revoke(session.did)
    expect(await client.describeSession(session.id)).toBeUndefined()
  },
)

it('SL-1 C8 a session that is not used for thirty days ends', async () => {
  const keyset = await importKeyset(await generatePrivateJwk())
  await using network = await startScriptedNetwork({ jwks: { keys: [...keyset.publicJwks.keys] } })
  const { client, session } = await signInWarm(network, { keyset })
  const restore = () => client.restore(session.did, false, { sessionId: session.id })
  network.advance(30 * DAY_MS - 1)
  const unused = await client.describeSession(session.id)
  expect(unused?.isActive).toBe(true)
  network.advance(1)
  expect(await refusalOf(restore())).toMatchObject({ code: 'session_ended' })
})

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
