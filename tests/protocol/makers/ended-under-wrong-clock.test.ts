/** Sessions do not end by words that came under a wrong clock (docs/decisions/0016). */
import { TokenRevokedError } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000
const says = { status: 400, json: { error: 'Session expired' } }

it('a first refusal under a clock that was two hours slow does not stand for an hour', async () => {
  await using network = await startScriptedNetwork()
  let skewMs = 0
  const store = createMemoryStore({ now: network.now })
  const client = createScriptedClient(network, { store, now: () => network.now() + skewMs })
  const session = await signIn(network, client)
  await call(session)
  network.advance(HOUR_MS)
  // An outage of three seconds. Of two processes, one has a slow clock.
  network.home.as.answer(TOKEN, says)
  skewMs = -2 * HOUR_MS
  expect(await refusalOf(session.refresh())).not.toBeInstanceOf(TokenRevokedError)
  skewMs = 0
  network.advance(1_000)
  expect(await refusalOf(session.refresh())).not.toBeInstanceOf(TokenRevokedError)
  network.advance(1_000)
  expect(await refusalOf(session.refresh())).not.toBeInstanceOf(TokenRevokedError)
  network.home.as.restore(TOKEN)
  expect(await call(session)).toBe(200)
})

it('two processes, one with a slow clock, in one outage of three seconds', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const right = createScriptedClient(network, { store })
  const slow = createScriptedClient(network, { store, now: () => network.now() - 2 * HOUR_MS })
  const session = await signIn(network, right)
  const other = await slow.restore(session.did, false, { sessionId: session.id })
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, says)
  expect(await refusalOf(other.refresh())).not.toBeInstanceOf(TokenRevokedError)
  for (let at = 0; at < 3; at += 1) {
    network.advance(1_000)
    expect(await refusalOf(session.refresh())).not.toBeInstanceOf(TokenRevokedError)
  }
})

it('three refusals of one moment do not end a session an hour later, by a further one under a clock that is wrong', async () => {
  await using network = await startScriptedNetwork()
  let skewMs = 0
  const store = createMemoryStore({ now: network.now })
  const client = createScriptedClient(network, { store, now: () => network.now() + skewMs })
  const session = await signIn(network, client)
  await call(session)
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, says)
  for (let at = 0; at < 3; at += 1)
    expect(await refusalOf(session.refresh())).not.toBeInstanceOf(TokenRevokedError)
  network.advance(HOUR_MS)
  skewMs = 6_000
  expect(await refusalOf(session.refresh())).not.toBeInstanceOf(TokenRevokedError)
  skewMs = 0
  expect(await refusalOf(session.refresh())).toBeInstanceOf(TokenRevokedError)
})
